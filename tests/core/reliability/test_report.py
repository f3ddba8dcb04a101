"""The whole report, from plain rows."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import Lifetime, Maintenance, Minutes
from core.reliability import PERCENTILES, ReliabilityReport, evidence, report
from core.reliability.report import percentiles_of, step_of
from core.stats.histogram import latency_cells
from core.status import Status
from core.timeframe import DAY, HOUR, MINUTE, Window
from tests.core.seeded import seeded_few
from tests.fakes import (
    BEGIN,
    SERVICE,
    FakeReliabilityReader,
    Row,
    at,
    cells_of,
    gap,
    life,
    outage,
    release,
    row,
    steady,
)


def seen(rows: Sequence[Row], minute: float = 0, window: str = "1h") -> ReliabilityReport:
    return report(FakeReliabilityReader(rows), SERVICE, Window.parse(window), at(minute))


class TestTime:
    """A window holds [T - W, T), and nothing that was not over at as-of."""

    rows = tuple(row(minute, letters=10 ** (minute + 5)) for minute in range(-5, 5))

    def test_the_window_ends_before_as_of_and_begins_at_its_length(self):
        assert seen(self.rows, window="3m").letters == 11_100
        assert seen(self.rows, window="5m").letters == 11_111

    @pytest.mark.parametrize("second", [0, 1, 30, 59.999])
    def test_the_unfinished_minute_is_never_counted(self, second: float):
        found = seen(self.rows, second / 60, window="5m")
        assert found.letters == 11_111
        assert found.span.end == at(0)
        assert found.freshness.data_through == at(-1)
        assert found.load.peak_rpm == 10_000

    def test_an_as_of_in_the_past_sees_what_a_reader_then_saw(self):
        then = [one for one in self.rows if one.minute < at(2)]
        values = [evidence(seen(rows, 2, window="5m")) for rows in (self.rows, then)]
        assert values[0] == values[1]
        assert values[0]["letters"] == 1_111_100

    def test_in_the_past_restarts_stops_and_releases_to_come_are_not_known(self):
        rows = [*steady(-480, 60), *steady(-480, -30, instances=("b",))]
        lives = [life(-480, 0), life(-480, -31, instance="b")]
        later = [life(-480, 60), life(-480, -31, 20, instance="b"), life(30, 60, instance="b")]
        deployed = [release(-50, "v1")]
        planned = [Maintenance(at(-40), at(-35), "", "")]
        then = FakeReliabilityReader(gap(rows, 0, 60), lives, deployed, planned)
        now = FakeReliabilityReader(rows, later, [*deployed, release(10, "v2")], planned)
        seen_then, seen_now = (
            report(reader, SERVICE, Window.parse("1h"), at(0)) for reader in (then, now)
        )
        assert evidence(seen_then) == evidence(seen_now)
        assert seen_then.releases == seen_now.releases
        assert seen_then.coverage.silent == seen_now.coverage.silent != ()

    def test_an_as_of_without_a_zone_is_refused(self):
        with pytest.raises(ValueError, match="must have a time zone"):
            report(FakeReliabilityReader(), SERVICE, Window.parse("1h"), at(0).replace(tzinfo=None))


class TestRatiosOfSums:
    """Datacenters, instances and minutes are added up before anything is divided."""

    def test_mixed_datacenters_are_breached_where_the_mean_of_their_ratios_is_not(self):
        rows = [row(-1, 1_000), row(-1, 1_000_000, 150, datacenter="dc2")]
        found = seen(rows).slis["availability"]
        mean = (Fraction(1) + 1 - Fraction(150, 1_000_000)) / 2
        assert mean >= Fraction(9_999, 10_000)
        assert found.value == 1 - Fraction(150, 1_001_000)
        assert found.status is Status.BREACHED

    def test_mixed_datacenters_hold_where_the_mean_of_their_ratios_does_not(self):
        rows = [row(-1, 1_000, 1), row(-1, 1_000_000, 50, datacenter="dc2")]
        found = seen(rows).slis["availability"]
        mean = 1 - (Fraction(1, 1_000) + Fraction(50, 1_000_000)) / 2
        assert mean < Fraction(9_999, 10_000)
        assert found.value is not None
        assert found.value > Fraction(9_999, 10_000)

    def test_two_p99s_under_20_ms_on_average_are_over_it_together(self):
        few = [10.0] * 989 + [18.50] + [18.6] * 10
        many = [10.0] * 8_899 + [20.13] * 10 + [20.24] * 91
        rows = [
            replace(
                row(-1, len(latencies), datacenter=datacenter),
                slow=sum(latency > 20 for latency in latencies),
                latency=latency_cells(latencies),
            )
            for datacenter, latencies in (("dc1", few), ("dc2", many))
        ]
        found = seen(rows)
        apart = [percentiles_of(part.cells)["p99"] for part in found.by_datacenter]
        assert sum(value or 0 for value in apart) / 2 < 20
        together = found.percentiles["p99"]
        assert together is not None
        assert together > 20
        assert found.slis["latency"].value == 1 - Fraction(101, 10_000)

    def test_the_breakdowns_add_up_to_the_whole(self):
        rows = [
            *steady(-60, 0, 100, 1, 2, datacenters=("dc1", "dc2"), instances=("a", "b")),
            *steady(-30, 0, 50, 3, 4, version="v2", instances=("c",)),
        ]
        found = seen(rows)
        for parts in (found.by_datacenter, found.by_instance, found.by_version):
            assert sum(part.letters for part in parts) == found.letters
            assert sum(part.errors for part in parts) == found.errors
            assert sum(part.slow for part in parts) == found.slow
            assert (np.sum([part.cells for part in parts], axis=0) == found.cells).all()
        assert [part.key for part in found.by_instance][:2] == ["dc1/a", "dc1/b"]


class TestTrend:
    """The window in steps, with gaps that stay gaps."""

    rows = tuple(gap(outage(steady(-480, 0), -40, -38, share=Fraction(1, 100)), -20, -10))

    def test_the_burn_down_ends_at_what_remains_of_the_budget(self):
        found = seen(self.rows)
        for kind, sli in found.slis.items():
            assert sli.budget.remaining is not None
            assert found.burn_down[kind][-1] == pytest.approx(float(sli.budget.remaining))
            assert found.burn_down[kind][0] == 1
        assert found.slis["availability"].budget.remaining == 1 - Fraction(20, 5)

    def test_a_gap_is_not_a_number_in_burn_down_and_percentiles(self):
        found = seen(self.rows)
        gaps = np.zeros(60, dtype=bool)
        gaps[40:50] = True
        for remaining in found.burn_down.values():
            assert (np.isnan(remaining) == gaps).all()
        assert found.trend_percentiles.shape == (60, len(PERCENTILES))
        assert (np.isnan(found.trend_percentiles).all(axis=1) == gaps).all()
        assert (found.coverage.gaps == gaps).all()

    def test_the_burn_down_falls_where_the_budget_was_spent(self):
        down = seen(self.rows).burn_down["availability"]
        assert down[19:23].tolist() == pytest.approx([1, -1, -3, -3])

    def test_without_a_budget_there_is_nothing_to_burn_down(self):
        found = seen(steady(-60, 0, letters=0))
        assert np.isnan(found.burn_down["availability"]).all()

    @pytest.mark.parametrize(
        ("window", "step", "least", "most"),
        [
            ("5m", MINUTE, 5, 5),
            ("3h", MINUTE, 180, 180),
            ("1d", 5 * MINUTE, 288, 289),
            ("3d", 15 * MINUTE, 288, 289),
            ("30d", HOUR, 720, 721),
            ("90d", 6 * HOUR, 360, 361),
            ("400d", DAY, 400, 401),
        ],
    )
    def test_a_window_is_drawn_in_a_few_hundred_steps(
        self, window: str, step: timedelta, least: int, most: int
    ):
        assert step_of(Window.parse(window)) == step
        assert least <= len(seen([row(-1)], 7, window).trend.times) <= most


@dataclass(frozen=True)
class Forgetful(FakeReliabilityReader):
    """Keeps minutes one by one from a moment on, and everything else for ever."""

    kept_from: datetime = BEGIN

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        kept = [one for one in self.rows if one.minute >= self.kept_from]
        return FakeReliabilityReader(kept).minutes(service, start, end)


class TestRetention:
    """Minutes that are no longer kept one by one are not known, and are no gap."""

    rows = tuple(row(minute) for minute in range(-5 * 1440, 0))
    window = Window.parse("5d")

    def seen(self, days: int, *lives: Lifetime, holes: bool = False) -> ReliabilityReport:
        rows = gap(self.rows, -600, -540) if holes else self.rows
        reader = Forgetful(rows, lives, kept_from=at(-days * 1440))
        return report(reader, SERVICE, self.window, at(0))

    def test_a_window_beyond_retention_is_covered_by_what_is_kept(self):
        found = self.seen(2, life(-9 * 1440, 0))
        assert found.letters == 5 * 1440 * 1_000
        assert found.coverage_share == 1
        assert found.slis["availability"].low == 1
        assert found.slis["availability"].status is Status.ON_TARGET
        assert found.episodes == ()
        assert found.minutes.start == at(-2 * 1440)

    def test_a_gap_in_what_is_kept_is_a_gap(self):
        found = self.seen(2, holes=True)
        assert found.coverage_share == Fraction(2 * 1440 - 60, 2 * 1440)
        assert [episode.kind for episode in found.episodes] == ["missing"]

    def test_a_window_of_which_nothing_is_kept_has_numbers_and_no_coverage(self):
        found = self.seen(0, life(-9 * 1440, 0))
        assert found.letters == 5 * 1440 * 1_000
        assert found.coverage_share is None
        assert {alert.firing for alert in found.alerts} == {None}
        assert found.load.mean_rpm is None

    def test_a_service_that_began_in_the_window_has_lost_nothing(self):
        rows = [row(minute) for minute in range(-1440, 0)]
        found = seen(rows, window="5d")
        assert found.minutes.start == at(-5 * 1440)
        assert found.coverage_share == 1


counts = st.tuples(
    st.sampled_from([0, 1, 9, 1_000, 10**12]), st.fractions(0, 1), st.fractions(0, 1)
)
keys = st.tuples(
    st.integers(-75, 3),
    st.sampled_from(["dc1", "dc2", "Москва"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["v1", "v2"]),
)


@st.composite
def rows_of_anything(draw: st.DrawFn) -> list[Row]:
    drawn = draw(st.dictionaries(keys, counts, max_size=40))
    rows = []
    for (minute, datacenter, instance, version), (letters, failing, late) in drawn.items():
        errors = int(letters * failing)
        slow = int((letters - errors) * late)
        names = {"datacenter": datacenter, "instance": instance, "version": version}
        rows.append(row(minute, letters, errors, slow, **names))
    return rows


@st.composite
def lives_of_anything(draw: st.DrawFn) -> list[Lifetime]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(-3_000, 10),
                st.integers(0, 3_000),
                st.none() | st.integers(-100, 3_000),
                st.sampled_from(["", "dc1", "dc2", "dc9"]),
                st.sampled_from(["a", "b"]),
            ),
            max_size=4,
        )
    )
    return [
        life(
            started,
            started + lived,
            None if stopped is None else started + stopped,
            datacenter=datacenter,
            instance=instance,
        )
        for started, lived, stopped, datacenter, instance in drawn
    ]


windows = st.sampled_from(["1m", "2m", "5m", "1h", "6h", "3d", "4d"])


@seeded_few
@given(
    rows_of_anything(),
    lives_of_anything(),
    windows,
    st.sampled_from([-60.0, 0, 0.5, 3, 4_000]),
    st.lists(st.tuples(st.integers(-90, 5), st.sampled_from(["v1", "v2"])), max_size=3),
)
def test_a_report_never_raises_and_never_contradicts_itself(rows, lives, window, as_of, deployed):
    releases = [release(minute, version) for minute, version in deployed]
    planned = [Maintenance(at(minute), at(minute + 7.5), "", "") for minute, _ in deployed]
    reader = FakeReliabilityReader(rows, lives, releases, planned)
    found = report(reader, SERVICE, Window.parse(window), at(as_of))
    json.dumps(evidence(found), allow_nan=False)
    share = found.coverage_share
    assert share is None or 0 <= share <= 1
    assert (found.coverage.rows <= found.coverage.expected).all()
    assert (found.state == "no_data") == (not found.by_datacenter)
    for sli in found.slis.values():
        assert sli.low is None or sli.high is None or sli.low <= sli.high
        if sli.value is not None:
            assert sli.low is not None
            assert sli.high is not None
            assert sli.low <= sli.value <= sli.high
            ends = [down for down in found.burn_down[sli.kind] if not np.isnan(down)]
            assert ends[-1] == pytest.approx(float(sli.budget.remaining or 0))
    for alert in found.alerts:
        assert (alert.since is not None) is (alert.firing is True)
        assert alert.since is None or alert.since < found.span.end
    values = [value for value in found.percentiles.values() if value is not None]
    assert values == sorted(values)
    carried, peak = found.load.carried, found.load.peak_rpm
    assert carried is None or (peak is not None and carried.rpm <= peak)


@seeded_few
@given(rows_of_anything(), windows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[Row], window: str, chance: random.Random):
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert evidence(seen(rows, window=window)) == evidence(seen(shuffled, window=window))


def halves(one: Row) -> list[Row]:
    """The same minute, written by two instances; a row's own counts need not be even."""
    letters, errors = one.letters // 2, one.errors // 2
    slow = min(one.slow // 2, letters - errors)
    first = replace(
        one,
        letters=letters,
        errors=errors,
        slow=slow,
        latency=cells_of(letters - errors - slow, slow),
    )
    second = replace(
        one,
        instance=f"{one.instance}'",
        letters=one.letters - letters,
        errors=one.errors - errors,
        slow=one.slow - slow,
        latency=one.latency - first.latency,
    )
    return [first, second]


@seeded_few
@given(rows_of_anything(), windows)
def test_rows_split_over_instances_or_summed_give_the_same_report(rows: list[Row], window: str):
    split = [part for one in rows for part in halves(one)]
    whole, parts = (evidence(seen(each, window=window)) for each in (rows, split))
    assert whole == parts
