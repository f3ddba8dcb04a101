"""Parts of the Incidents page."""
