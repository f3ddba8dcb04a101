"""The rows that break the rules of `core.contract_checks`: one query under each check's name.

They look at raw rows, so each is bounded by the range of an index.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from core.ports import Contradictions
from db.readers.contradictions.business import BUSINESS, RELEASES
from db.readers.contradictions.experiment import EXPERIMENT
from db.readers.contradictions.false_reports import FALSE_REPORTS
from db.readers.contradictions.quality import QUALITY
from db.readers.contradictions.question import Question
from db.readers.contradictions.serving import SERVING

QUESTIONS: Mapping[str, Question] = (
    SERVING | QUALITY | RELEASES | BUSINESS | EXPERIMENT | FALSE_REPORTS
)


def contradictions(
    connection: Connection, check: str, asked: Mapping[str, object], examples: int
) -> Contradictions:
    """How many rows break the rule of a check, and the first few of them."""
    question = QUESTIONS[check]
    statement = text(
        f"select *, count(*) over () as total from ({question.query}) as found "
        f"order by {question.order} limit :examples"
    )
    found = connection.execute(statement, {**asked, "examples": examples}).mappings()
    rows = [dict(row) for row in found]
    total = max((row.pop("total") for row in rows), default=0)
    return Contradictions(total, tuple(rows))
