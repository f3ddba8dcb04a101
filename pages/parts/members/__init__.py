"""Parts of the Members page."""
