"""Parts of the Audit log page."""
