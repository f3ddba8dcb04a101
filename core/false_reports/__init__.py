"""False reports: what users say was decided wrongly, its review, and what came of it."""
