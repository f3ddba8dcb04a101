"""Parts of the Life cycle page."""
