"""Parts of the On-call page."""
