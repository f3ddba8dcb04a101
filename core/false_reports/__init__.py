"""False reports: what users say was decided wrongly, its review, retraining, and what came of it."""
