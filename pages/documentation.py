"""documentation."""
