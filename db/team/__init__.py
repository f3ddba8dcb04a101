"""What the team writes: goals, verdicts and, later, reviews, risks and alerts."""
