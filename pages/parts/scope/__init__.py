"""The pieces of the Scope page."""
