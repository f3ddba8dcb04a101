"""What the worker does about verdicts: judge every criterion by the minute, keep what is new."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from core.timeframe import MINUTE, Window, floor_to
from db.readers.criteria import SqlGoalReader
from db.readers.overview import SqlOverviewReader
from db.readers.snapshot import snapshot
from db.reports import goal_report
from db.team import verdicts

#: Verdicts are kept for the window that pages and terminal show when nobody asks for another.
WINDOW = Window.parse("30d")


class VerdictRecorder:
    """A hook of the worker. Data change by the minute, so nothing is judged more often than that.

    A service whose data have ended is judged too: that they have is what its verdicts then say.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._judged: datetime | None = None

    def __call__(self, as_of: datetime) -> None:
        """Judge every service that has criteria, unless this minute has been done."""
        minute = floor_to(as_of, MINUTE)
        if self._judged == minute:
            return
        for service in SqlOverviewReader(self._engine).services():
            with snapshot(self._engine) as connection:
                goals = SqlGoalReader(connection).goals(service, as_of)
                if not any(goal.criteria for goal in goals):
                    continue
                judged = goal_report(connection, service, WINDOW, as_of)
            verdicts.store(self._engine, service, judged.verdicts)
        self._judged = minute
