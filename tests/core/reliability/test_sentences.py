"""What the reliability report says in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import pytest

from core.reliability import ReliabilityReport, Settings, report, sentences
from core.timeframe import Window
from tests.fakes import (
    SERVICE,
    FakeReliabilityReader,
    Row,
    at,
    gap,
    life,
    outage,
    row,
    slowness,
    steady,
)

THREE = ("dc1", "dc2", "dc3")
HELD = tuple(steady(-600, 0))


def seen(
    rows: Sequence[Row], minute: float = 0, window: str = "1h", settings: Settings | None = None
) -> ReliabilityReport:
    reader = FakeReliabilityReader(rows)
    return report(reader, SERVICE, Window.parse(window), at(minute), settings)


@pytest.mark.parametrize(
    ("rows", "minute", "said"),
    [
        ((), 0, "newsletters wrote no rows in the last hour"),
        (HELD, 30, "The data of newsletters end at 11:59 UTC: nothing is known since"),
        (
            steady(-600, 0, letters=0),
            0,
            "newsletters is running, but got no letters in the last hour",
        ),
        (
            outage(steady(-600, 0, datacenters=THREE), -4, 0, datacenter="dc2"),
            0,
            (
                "Availability burns 223 times too fast since 11:56 UTC, dc2 only; "
                "the 30-day budget is spent"
            ),
        ),
        (
            outage(HELD, -40, -35),
            0,
            "91.6666 % of letters got an answer, 99.99 % was promised, last hour",
        ),
        (
            slowness(HELD, -40, -35),
            0,
            "91.6666 % of letters within 20 ms, 99.99 % was promised, last hour",
        ),
        (
            HELD,
            0,
            (
                "Both objectives hold: 100 % of the availability budget is left and "
                "100 % of the latency budget is left"
            ),
        ),
        (
            gap(HELD, -40, -35),
            0,
            (
                "Both objectives hold, but rows are missing: if their letters were bad, "
                "the objective is missed"
            ),
        ),
    ],
    ids=[
        "no rows",
        "stale",
        "no letters",
        "an outage of one datacenter",
        "errors that are over",
        "slow answers that are over",
        "all is well",
        "missing rows",
    ],
)
def test_the_headline_is_the_finding(rows: Sequence[Row], minute: float, said: str):
    settings = Settings(policies=Settings().policies[:2])
    assert sentences.headline(seen(rows, minute, settings=settings)) == said


@dataclass(frozen=True)
class Forgetful(FakeReliabilityReader):
    """Remembers rows, and no longer who wrote them."""

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        return {}


def test_old_numbers_never_hold_an_objective():
    found = report(Forgetful(HELD), SERVICE, Window.parse("1h"), at(0))
    assert found.letters == 60_000
    assert sentences.headline(found) == (
        "When newsletters last wrote is not known any more: these numbers may be old"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (HELD, "nothing burns now"),
        ((), "no budget without letters"),
        (outage(HELD, -40, -35), "the 30-day budget is spent"),
        (
            [*steady(-600, -1, 10_000), row(-1, 410_000, 80)],
            "burning at 0.8: it renews faster than it is spent",
        ),
        (
            [*steady(-6_000, -1, 10_000), row(-1, 410_000, 1_500)],
            "at the present burn it lasts 36 hours",
        ),
    ],
    ids=["quiet", "no letters", "spent", "slower than it renews", "lasts"],
)
def test_the_time_to_exhaustion_is_said_in_plain_words(rows: Sequence[Row], said: str):
    """The last: a quarter of the budget is spent, the rest burns at 15: 30 days x 0.7516 / 15."""
    assert sentences.exhaustion(seen(rows).slis["availability"]) == said


def test_an_overspent_budget_is_said_as_a_multiple():
    sli = seen(outage(HELD, -40, -39, share=Fraction(3, 100))).slis["availability"]
    assert sli.budget.remaining == -4
    assert sentences.remaining(sli.budget.remaining) == "5.0 times the budget spent"


def test_what_is_left_is_cut_down():
    sli = seen([*steady(-600, -1, 10_000), row(-1, 410_000, 1)]).slis["availability"]
    assert sentences.remaining(sli.budget.remaining) == "99 % of the budget left"
    assert (
        sentences.remaining(seen(()).slis["latency"].budget.remaining)
        == "no budget without letters"
    )


def test_an_alert_is_quiet_unknown_or_firing_since_a_time():
    firing = seen(outage(HELD, -4, 0))
    assert sentences.alert_state(firing.firing[0], firing) == "firing since 11:56 UTC"
    unknown = seen(gap(HELD, -4, -1))
    assert sentences.alert_state(unknown.unknown[0], unknown) == "unknown: rows are missing"
    quiet = seen(HELD)
    assert sentences.alert_state(quiet.alerts[0], quiet) == "quiet"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (HELD, "No policy fires"),
        (outage(HELD, -4, 0), "Four of 8 policies fire"),
        (gap(HELD, -4, -1), "Eight of 8 policies cannot be judged: rows are missing"),
    ],
    ids=["quiet", "firing", "unknown"],
)
def test_the_burn_rates_have_a_finding(rows: Sequence[Row], said: str):
    assert sentences.burn_title(seen(rows)) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "No letters, no budget"),
        (HELD, "Availability: 100 % of the budget left"),
        (
            slowness(HELD, -40, -35, share=Fraction(1, 100)),
            "Latency: 8.4 times the budget spent; 100 % of the loss was on 1 June",
        ),
        (
            outage(steady(-600, 0, 20_000), -40, -35, share=Fraction(1, 20_000)),
            "Availability: 95 % of the budget left",
        ),
    ],
    ids=["no letters", "untouched", "one episode", "no episode"],
)
def test_the_burn_down_names_what_cost_most(rows: Sequence[Row], said: str):
    assert sentences.budget_title(seen(rows)) == said


@pytest.mark.parametrize("objective", [Fraction(999, 1_000), Fraction(9_999, 10_000)])
@pytest.mark.parametrize(("slow", "verb"), [(100, "is within"), (101, "is over")])
def test_p99_99_is_held_against_20_ms_whatever_the_objective_is(
    objective: Fraction, slow: int, verb: str
):
    settings = Settings(objectives={"availability": objective, "latency": objective})
    found = seen([row(-1, 1_000_000, slow=slow)], settings=settings)
    assert sentences.percentile_title(found) == f"p99.99 {verb} 20 ms over the last hour"


@pytest.mark.parametrize("rows", [(), outage(HELD, -600, 0)], ids=["no rows", "no answers"])
def test_without_answers_there_are_no_percentiles(rows: Sequence[Row]):
    assert sentences.percentile_title(seen(rows)) == "No answered letters"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "No load to show"),
        (outage(HELD, -60, 0), "No five minutes in a row were within both objectives"),
        (HELD, "Carried 1k letters a minute within both objectives"),
    ],
)
def test_the_load_has_a_finding(rows: Sequence[Row], said: str):
    assert sentences.load_title(seen(rows)) == said


def test_coverage_is_said_by_what_the_missing_rows_could_hide():
    assert sentences.coverage_words(seen(())) == "nobody is expected to write"
    assert sentences.coverage_words(seen(HELD)) == "every expected row is there"
    said = sentences.coverage_words(seen(gap(HELD, -40, -30)))
    assert said == "about 10k letters lie in rows that are missing"


def test_the_place_of_an_old_episode_is_not_the_place_of_the_present_one():
    rows = outage(steady(-600, 0, datacenters=THREE), -200, -190, datacenter="dc2")
    assert sentences.where(seen(rows, window="6h"), "availability") == ""
    recent = outage(rows, -30, -20, datacenter="dc3")
    assert sentences.where(seen(recent, window="6h"), "availability") == "dc3"


def test_a_silent_service_with_a_heartbeat_is_not_said_to_hold():
    reader = FakeReliabilityReader(gap(HELD, -30, 0), [life(-600, 0)])
    found = report(reader, SERVICE, Window.parse("1h"), at(0))
    assert sentences.headline(found).startswith("The data of newsletters end at 11:29 UTC")
