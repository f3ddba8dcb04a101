"""The pieces of the Milestones page."""
