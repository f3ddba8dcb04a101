"""Milestones and risks as the review tells them."""
