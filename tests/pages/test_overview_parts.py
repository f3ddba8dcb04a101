"""The Overview's words and lines: what was never written is not current, a line is its value's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.charts.tokens import LIGHT
from core.overview import TableState, table_state
from core.ports.overview import TableFreshness
from core.status import Status
from core.timeframe import MINUTE, Window
from pages.parts.overview_parts import criterion_cards, tables_title
from pages.parts.view import View
from tests.core.review.test_charts import judged
from tests.fakes import BEGIN, SERVICE


def states(*written: bool) -> list[TableState]:
    return [
        table_state(
            TableFreshness(
                "serving_minute", BEGIN if one else None, BEGIN if one else None, MINUTE
            ),
            BEGIN,
        )
        for one in written
    ]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ((True, True), "Every metric table is current"),
        ((True, False), "Metric tables are current; 1 of 2 were never written"),
        ((False, False), "No metric table was written yet"),
    ],
)
def test_tables_that_were_never_written_are_not_called_current(
    written: tuple[bool, ...], title: str
):
    assert tables_title(states(*written)) == title


def test_the_line_of_a_card_is_that_of_the_value_above_it():
    found = judged(("reliability", Status.AT_RISK, "availability"))
    (verdict,) = found.goals.verdicts
    load = replace(
        verdict.evidence[0],
        target=replace(
            verdict.evidence[0].target, measure="peak_rpm_within_slo", value=Decimal(2_000_000)
        ),
    )
    both = replace(verdict, evidence=(*verdict.evidence, load))
    found = replace(found, goals=replace(found.goals, verdicts=(both,)))
    view = View(SERVICE, Window.parse("1h"), BEGIN, live=True, notices=())
    (card,) = criterion_cards(found, view, LIGHT)
    assert card.spark is not None
    assert card.value.startswith("100.0000 %")
    assert card.spark.alt == "availability over the window, now 100.0000 %"
