"""Goals as people write them: complete or not, the way down to numbers, what a change would do."""

from core.goals.effect import Effect, effect
from core.goals.report import GoalsReport, TargetLine, report

__all__ = ["Effect", "GoalsReport", "TargetLine", "effect", "report"]
