"""A simulated mail service's newsletter classifier, at production scale.

Nothing here was measured: every row is drawn by seed from the model that these modules spell out,
and the truth it was drawn from is written to `team.simulated_truth`. Scores follow the
distributions of the real classifier in `db.demo.classifier`.
"""
