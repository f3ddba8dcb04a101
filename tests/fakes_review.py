"""Reviews for tests: a whole one, its parts, and a reader that keeps them in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.charts.chart import Chart
from core.charts.tokens import DARK, LIGHT
from core.ports.reviews import Decision, KeptReview
from core.review import Review, codec
from core.review.html import Picture
from core.review.values import (
    ActionLine,
    ChartLine,
    CriterionLine,
    DecisionLine,
    Measured,
    MilestoneLine,
    RiskLine,
)
from core.status import Status
from db.review_export import Drawn
from db.review_export.drawing import svg

SERVICE = "newsletters"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
#: What HTML, markdown and Typst would act on.
HOSTILE = '<script>alert(1)</script> & "q" *b* #eval("1") $x$ \\u{41} `c` @a [l](https://e.x) //c'
RUSSIAN = "Жалоб «это спам» стало меньше: съешь ещё этих мягких булок, да выпей чаю"


def measured(shown: str = "99.12 %", value: float | None = 0.9912, **changed: Any) -> Measured:
    return Measured(
        **{
            "measure": "precision",
            "name": "precision",
            "shown": shown,
            "value": value,
            "target": "at least 99 %",
            "high_is_good": True,
            "status": Status.ON_TARGET,
            **changed,
        }
    )


def criterion(**changed: Any) -> CriterionLine:
    return CriterionLine(
        **{
            "criterion_id": "quality",
            "name": "Precision and recall",
            "area": "quality",
            "status": Status.ON_TARGET,
            "value": "99.12 %",
            "target": "at least 99 %",
            "sentence": "Precision is 99.12 %.",
            "reasons": (),
            "settles": "",
            "measures": (measured(),),
            **changed,
        }
    )


def milestone(**changed: Any) -> MilestoneLine:
    return MilestoneLine(
        **{
            "name": "Q1",
            "due_on": date(2026, 9, 1),
            "status": Status.ON_TARGET,
            "state": "on track",
            "sentence": "12 of 20 tasks done.",
            "forecast": "Forecast: as likely as not by 20 Aug 2026, 85 % sure by 30 Aug 2026.",
            "likely_on": date(2026, 8, 20),
            "slip_days": 5,
            "met": False,
            **changed,
        }
    )


def risk(number: int = 1, **changed: Any) -> RiskLine:
    return RiskLine(
        **{
            "risk_id": number,
            "title": "The rack lacks power for 3 machines",
            "rank": 4,
            "band": "prevent, and deal with the consequences",
            "owner": "Анна",
            "missing": "",
            "alarm": "",
            **changed,
        }
    )


def action(number: int = 1, **changed: Any) -> ActionLine:
    return ActionLine(
        **{
            "action_id": number,
            "text": f"Проверить метки, {number}",
            "owner": "Ольга",
            "due_on": date(2026, 6, 10),
            "done_on": None,
            "overdue": False,
            **changed,
        }
    )


def decided(**changed: Any) -> DecisionLine:
    return DecisionLine(
        **{
            "text": "Катим на 10 %",
            "why": "precision держится",
            "decided_by": "Мария",
            "decided_on": date(2026, 5, 30),
            **changed,
        }
    )


def review(**changed: Any) -> Review:
    """A review of noon, with one of everything and no review before it."""
    return Review(
        **{
            "service": SERVICE,
            "as_of": NOON,
            "window": "30d",
            "title": "Review of newsletters, 1 June 2026",
            "headline": "Newsletters: one criterion on target",
            "goal": RUSSIAN,
            "milestone": "Q1",
            "due_on": date(2026, 9, 1),
            "data_through": NOON - timedelta(minutes=1),
            "stale": False,
            "criteria": (criterion(),),
            "before": None,
            "changes": None,
            "charts": (ChartLine("budget", "The budget holds", "45 % is left.", "At most 20 ms"),),
            "milestones": (milestone(),),
            "risks": (risk(),),
            "decisions": (decided(),),
            "actions": (action(),),
            "done": (),
            **changed,
        }
    )


def large() -> Review:
    """As much as a review has to carry: 5 criteria, 40 risks, 60 tasks."""
    long = "https://example.com/" + "a" * 90
    return review(
        criteria=tuple(
            criterion(criterion_id=str(at), name=f"{RUSSIAN} {at}", sentence=f"{RUSSIAN}. " * 4)
            for at in range(5)
        ),
        milestones=tuple(milestone(name=f"Веха {at}", sentence=RUSSIAN) for at in range(8)),
        risks=tuple(
            risk(at, title=f"{RUSSIAN} {long}", alarm="plan B is open") for at in range(40)
        ),
        decisions=tuple(decided(text=f"{at}: {RUSSIAN}\n{HOSTILE}") for at in range(10)),
        actions=tuple(action(at, overdue=at < 5) for at in range(60)),
    )


def chart(days: int = 90) -> Chart:
    """A line over some days with a label in Russian."""
    rows = range(days)
    spec = {
        "data": {"name": "data0"},
        "layer": [
            {
                "mark": {"type": "line", "color": LIGHT.on_target},
                "encoding": {
                    "x": {"field": "t", "type": "quantitative", "title": "день"},
                    "y": {"field": "v", "type": "quantitative", "title": "бюджет, %"},
                },
            },
            {"mark": {"type": "point", "opacity": 0}, "encoding": {}, "params": [{"name": "at"}]},
        ],
        "height": 280,
        "width": "container",
        "autosize": {"type": "fit", "contains": "padding"},
    }
    values = [float(100 - at % 7 * 3.33333) for at in rows]
    return Chart("t", spec, "a", {"data0": {"t": list(rows), "v": values}})


def drawn(found: Review) -> Drawn:
    """A review with its charts."""
    pictures = {one.key: Picture(svg(chart(), LIGHT), svg(chart(), DARK)) for one in found.charts}
    return Drawn(found, pictures)


def decision(number: int = 1, created_at: datetime = NOON, **changed: Any) -> Decision:
    return Decision(
        **{
            "decision_id": number,
            "service": SERVICE,
            "text": f"Decision {number}",
            "why": "",
            "decided_by": "Мария",
            "decided_on": created_at.date(),
            "created_by": "Анна",
            "created_at": created_at,
            **changed,
        }
    )


@dataclass
class MemoryReviews:
    """Fulfils `core.ports.reviews.ReviewReader`."""

    taken: Sequence[Decision] = ()
    written: dict[int, tuple[KeptReview, str]] = field(default_factory=dict)

    def keep(self, found: Review, kept_at: datetime | None = None) -> KeptReview:
        """Keep a review, by default at its own moment."""
        number = len(self.written) + 1
        kept = KeptReview(
            number, found.service, found.as_of, found.title, found.headline, "Анна",
            kept_at or found.as_of,
        )  # fmt: skip
        self.written[number] = (kept, codec.write(found))
        return kept

    def decisions(self, service: str, as_of: datetime) -> tuple[Decision, ...]:
        """The decisions that stand, the newest first."""
        return tuple(one for one in self.taken if one.created_at <= as_of)

    def kept(self, service: str, as_of: datetime) -> tuple[KeptReview, ...]:
        """The reviews that were kept, the newest first."""
        found = [kept for kept, _ in self.written.values() if kept.kept_at <= as_of]
        return tuple(sorted(found, key=lambda one: one.as_of, reverse=True))

    def values(self, review_id: int) -> str | None:
        """A kept review as it was written."""
        found = self.written.get(review_id)
        return None if found is None else found[1]
