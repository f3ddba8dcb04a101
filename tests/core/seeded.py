"""How hypothesis runs here: the same examples every time, nothing timed, nothing kept on disk."""

from hypothesis import HealthCheck, settings

seeded = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
#: For examples that take a whole report each.
seeded_few = settings(seeded, max_examples=30)
