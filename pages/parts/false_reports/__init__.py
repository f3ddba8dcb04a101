"""The pieces of the False reports page."""
