"""Notifications: the outbox, and the ways by which they leave it."""
