"""The gate in front of every page: sign-in, sign-out, and who is let in."""
