"""Parts of the Risks page."""
