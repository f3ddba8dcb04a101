"""The demo serving stack: one real service, one simulated one; each is called what it is."""
