"""Readers: what core asks of the store, one module an area."""
