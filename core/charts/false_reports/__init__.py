"""The charts of the false reports area."""
