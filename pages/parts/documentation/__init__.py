"""Parts of the Documentation page."""
