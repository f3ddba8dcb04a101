"""The pieces of the page of goals and criteria."""
