"""Letters as text: what may be kept of them, and in which form."""
