"""One script a page: ask for a report, lay it out."""
