"""Every question of the reliability area against sums over the instance rows in plain Python."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from sqlalchemy import event

from core.ports import Slice
from core.timeframe import DAY, floor_to
from db.engine import Role, Store
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import snapshot
from tests.db.readers.conftest import Filled
from tests.db.readers.serving import (
    BEGIN,
    HOUR,
    MINUTE,
    Row,
    execute,
    row,
    tick,
    total,
    within,
    write,
)

#: Spans in minutes after the first row, and what is odd about them.
SPANS = {
    "everything": (0, 300),
    "whole hours": (60, 180),
    "ends inside hours": (37, 251),
    "inside one hour": (70, 95),
    "one minute": (89, 90),
    "across one full hour": (50, 70),
    "from before the first row to after the last": (-1441, 1441),
    "only a gap": (145, 155),
    "before the first row": (-600, -60),
}
BY = ("datacenter", "instance", "model_version")


def span(name: str) -> tuple[datetime, datetime]:
    first, last = SPANS[name]
    return BEGIN + first * MINUTE, BEGIN + last * MINUTE


def key_of(one: Row, by: str) -> str:
    return {
        "datacenter": one.datacenter,
        "instance": one.series,
        "model_version": one.version,
    }[by]


def expected_slices(rows: Sequence[Row], by: str) -> dict[str, list[int]]:
    keys = {key_of(one, by) for one in rows}
    return {key: total([one for one in rows if key_of(one, by) == key]) for key in keys}


def as_totals(slices: Sequence[Slice]) -> dict[str, list[int]]:
    return {
        part.key: [part.letters, part.errors, part.slow, *part.cells.tolist()] for part in slices
    }


@pytest.mark.parametrize("name", SPANS)
def test_minutes_are_the_sums_of_their_rows_with_gaps_as_zero(filled: Filled, name: str):
    start, end = span(name)
    found = filled.reader.minutes("mail", start, end)
    rows = within(filled.rows, start, end)
    assert found.start == start
    assert found.datacenters == tuple(sorted({one.datacenter for one in rows}))
    shape = (len(found.datacenters), (end - start) // MINUTE)
    expected = np.zeros((4, *shape), int)
    for one in rows:
        at = found.datacenters.index(one.datacenter), (one.minute - start) // MINUTE
        expected[1:, *at] += [one.letters, one.errors, one.slow]
    for datacenter, minute, _ in {(one.datacenter, one.minute, one.instance) for one in rows}:
        expected[0, found.datacenters.index(datacenter), (minute - start) // MINUTE] += 1
    for grid, wanted in zip(
        (found.rows, found.letters, found.errors, found.slow), expected, strict=True
    ):
        assert grid.shape == shape
        np.testing.assert_array_equal(grid, wanted)


@pytest.mark.parametrize("minutes", [1, 5, 7, 60, 90, 120, 360, 1440])
@pytest.mark.parametrize("name", SPANS)
def test_a_trend_is_the_sum_of_each_step_whatever_table_it_comes_from(
    filled: Filled, name: str, minutes: int
):
    start, end = span(name)
    step = minutes * MINUTE
    found = filled.reader.trend("mail", start, end, step)
    assert found.step == step
    assert found.times[0] == floor_to(start, step)
    assert found.times[-1] < end <= found.times[-1] + step
    assert {
        after - before for before, after in zip(found.times, found.times[1:], strict=False)
    } <= {step}
    for at, time in enumerate(found.times):
        rows = within(filled.rows, max(time, start), min(time + step, end))
        assert found.minutes[at] == len({one.minute for one in rows})
        sums = [found.letters[at], found.errors[at], found.slow[at], *found.cells[at]]
        assert sums == total(rows)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("name", SPANS)
def test_slices_are_exact_to_the_minute(filled: Filled, name: str, by: str):
    start, end = span(name)
    found = filled.reader.slices("mail", start, end, by)
    assert as_totals(found) == expected_slices(within(filled.rows, start, end), by)
    assert [part.key for part in found] == sorted(part.key for part in found)


def test_slices_by_anything_else_are_refused_by_name(filled: Filled):
    with pytest.raises(ValueError, match="by == 'rack', must be datacenter, instance or"):
        filled.reader.slices("mail", BEGIN, BEGIN + HOUR, "rack")


def test_a_span_may_start_and_end_inside_minutes_and_holds_those_that_begin_in_it(filled: Filled):
    start, end = BEGIN + timedelta(seconds=30), BEGIN + timedelta(minutes=20, seconds=1)
    rows = within(filled.rows, start, end)
    assert as_totals(filled.reader.slices("mail", start, end, "datacenter")) == expected_slices(
        rows, "datacenter"
    )
    assert filled.reader.minutes("mail", start, end).rows.sum() == len(rows)
    assert filled.reader.trend("mail", start, end, MINUTE).letters.sum() == total(rows)[0]


@pytest.mark.parametrize("ends", [(BEGIN, BEGIN), (BEGIN + 90 * MINUTE, BEGIN + 30 * MINUTE)])
def test_an_empty_span_holds_nothing(filled: Filled, ends: tuple[datetime, datetime]):
    assert filled.reader.minutes("mail", *ends).rows.size == 0
    assert filled.reader.slices("mail", *ends, "datacenter") == ()
    for step in (MINUTE, HOUR, DAY):
        assert filled.reader.trend("mail", *ends, step).letters.sum() == 0


def test_a_time_without_a_zone_is_refused(filled: Filled):
    naive = BEGIN.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        filled.reader.minutes("mail", naive, naive + HOUR)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(seconds=90), -HOUR])
def test_a_step_that_is_not_whole_minutes_is_refused(filled: Filled, step: timedelta):
    with pytest.raises(ValueError, match="step"):
        filled.reader.trend("mail", BEGIN, BEGIN + HOUR, step)


def test_times_in_another_zone_mean_the_same(filled: Filled):
    moscow = timezone(timedelta(hours=3))
    start, end = BEGIN.astimezone(moscow), (BEGIN + 90 * MINUTE).astimezone(moscow)
    here, there = (
        filled.reader.trend("mail", *ends, HOUR)
        for ends in ((BEGIN, BEGIN + 90 * MINUTE), (start, end))
    )
    assert here.times == there.times
    assert here.letters.tolist() == there.letters.tolist()


def test_an_unknown_service_is_empty_and_no_error(filled: Filled):
    reader, ends = filled.reader, (BEGIN, BEGIN + 3 * HOUR)
    assert reader.minutes("nobody", *ends).datacenters == ()
    assert reader.minutes("nobody", *ends).rows.shape == (0, 180)
    trend = reader.trend("nobody", *ends, HOUR)
    assert trend.minutes.tolist() == [0, 0, 0]
    assert trend.cells.shape == (3, 162)
    for by in BY:
        assert reader.slices("nobody", *ends, by) == ()
    assert reader.last_minutes("nobody", BEGIN) == {}
    assert reader.lifetimes("nobody") == ()
    assert reader.releases("nobody", *ends) == ()
    assert reader.maintenance("nobody", *ends) == ()
    assert reader.watermark("nobody")


def test_names_are_sorted_by_code_point_whatever_the_servers_language(
    store: Store, reader: SqlReliabilityReader
):
    names = ["b", "B", "а", "Б", "a b", "ё", "я", "-"]
    write(store, [row(BEGIN, datacenter=name, instance="i", version=name) for name in names])
    tick(store)
    ends = (BEGIN, BEGIN + HOUR)
    assert reader.minutes("mail", *ends).datacenters == tuple(sorted(names))
    for by in ("datacenter", "model_version"):
        assert [part.key for part in reader.slices("mail", *ends, by)] == sorted(names)


@pytest.mark.parametrize("spread", [(0, 0), (7, 13)])
def test_where_minutes_are_gone_an_hour_at_an_end_counts_as_a_whole(
    store: Store, reader: SqlReliabilityReader, spread: tuple[int, int]
):
    rows = [row(BEGIN + i * MINUTE, letters=100 + i) for i in range(240)]
    write(store, rows)
    tick(store)
    # Retention may cut anywhere: half of an hour's minutes are no better than none.
    kept_from = BEGIN + 2 * HOUR + spread[0] * MINUTE
    owner = store.engine(Role.OWNER)
    execute(owner, "delete from rollup.serving_minute where minute < :cut", cut=kept_from)
    start, end = BEGIN + 40 * MINUTE, BEGIN + 200 * MINUTE
    whole = within(rows, BEGIN, end)
    for by in ("datacenter", "model_version"):
        assert as_totals(reader.slices("mail", start, end, by)) == expected_slices(whole, by)
    inside = (BEGIN + 70 * MINUTE, BEGIN + 80 * MINUTE)
    hour = within(rows, BEGIN + HOUR, BEGIN + 2 * HOUR)
    assert as_totals(reader.slices("mail", *inside, "datacenter")) == expected_slices(
        hour, "datacenter"
    )
    trend = reader.trend("mail", start, end, HOUR)
    assert trend.letters.tolist() == [
        total(within(rows, BEGIN + i * HOUR, min(BEGIN + (i + 1) * HOUR, end)))[0] for i in range(4)
    ]
    assert trend.minutes.tolist() == [60, 60, 60, 20]
    fine = reader.trend("mail", start, end, 5 * MINUTE)
    assert fine.letters[:16].sum() == 0
    assert fine.letters.sum() == total(within(rows, kept_from, end))[0]


def test_where_instance_rows_are_gone_only_instances_count_whole_hours(
    store: Store, reader: SqlReliabilityReader
):
    rows = [
        row(BEGIN + i * MINUTE, instance=name, letters=100 + i)
        for i in range(240)
        for name in ("i1", "i2")
    ]
    write(store, rows)
    tick(store)
    owner = store.engine(Role.OWNER)
    cut = BEGIN + HOUR + 30 * MINUTE
    execute(owner, "delete from metrics.serving_minute where minute < :cut", cut=cut)
    start, end = BEGIN + 40 * MINUTE, BEGIN + 200 * MINUTE
    assert as_totals(reader.slices("mail", start, end, "instance")) == expected_slices(
        within(rows, BEGIN, end), "instance"
    )
    later = (BEGIN + 75 * MINUTE, BEGIN + 80 * MINUTE)
    assert as_totals(reader.slices("mail", *later, "instance")) == expected_slices(
        within(rows, BEGIN + HOUR, BEGIN + 2 * HOUR), "instance"
    )
    assert as_totals(reader.slices("mail", start, end, "datacenter")) == expected_slices(
        within(rows, start, end), "datacenter"
    )


def test_minutes_of_an_old_hour_are_at_least_those_of_its_busiest_series(
    store: Store, reader: SqlReliabilityReader
):
    halves = {"dc-a": range(30), "dc-b": range(20, 60)}
    write(
        store,
        [row(BEGIN + i * MINUTE, datacenter=name) for name, at in halves.items() for i in at],
    )
    tick(store)
    assert reader.trend("mail", BEGIN, BEGIN + HOUR, HOUR).minutes.tolist() == [60]
    execute(store.engine(Role.OWNER), "delete from rollup.serving_minute")
    assert reader.trend("mail", BEGIN, BEGIN + HOUR, HOUR).minutes.tolist() == [40]


def test_rows_that_are_not_rolled_up_yet_are_missing_everywhere_alike(
    store: Store, reader: SqlReliabilityReader
):
    write(store, [row(BEGIN + i * MINUTE) for i in range(10)])
    tick(store)
    write(store, [row(BEGIN + i * MINUTE) for i in range(10, 20)])
    ends = (BEGIN, BEGIN + 30 * MINUTE)
    assert {by: sum(part.letters for part in reader.slices("mail", *ends, by)) for by in BY} == {
        "datacenter": 1_000,
        "instance": 1_000,
        "model_version": 1_000,
    }
    assert reader.last_minutes("mail", ends[1]) == {("dc-a", "i1"): BEGIN + 9 * MINUTE}
    tick(store)
    assert sum(part.letters for part in reader.slices("mail", *ends, "instance")) == 2_000


def test_a_snapshot_sees_no_tick_that_comes_between_its_questions(store: Store):
    write(store, [row(BEGIN)])
    tick(store)
    ends = (BEGIN, BEGIN + HOUR)
    engine = store.engine(Role.APP)
    with snapshot(engine) as connection:
        reader = SqlReliabilityReader(connection)
        before = reader.slices("mail", *ends, "datacenter")[0].letters
        write(store, [row(BEGIN + MINUTE)])
        tick(store)
        assert reader.trend("mail", *ends, HOUR).letters.sum() == before == 100
    after = SqlReliabilityReader(engine).trend("mail", *ends, HOUR)
    assert after.letters.sum() == 200


def test_maintenance_that_touches_the_span_is_told_oldest_first(
    store: Store, reader: SqlReliabilityReader
):
    spans = {"before": (-2, 0), "reaches in": (-1, 1), "inside": (1, 2), "after": (3, 4)}
    for note, (first, last) in spans.items():
        execute(
            store.engine(Role.APP),
            "insert into team.maintenance values ('mail', :starts, :ends, '', :note)",
            starts=BEGIN + first * HOUR,
            ends=BEGIN + last * HOUR,
            note=note,
        )
    found = reader.maintenance("mail", BEGIN, BEGIN + 3 * HOUR)
    assert [entry.note for entry in found] == ["reaches in", "inside"]
    assert found[1].starts_at == BEGIN + HOUR


def test_releases_of_a_span_come_oldest_first(store: Store, reader: SqlReliabilityReader):
    for name, hours in (("late", 3), ("second", 1), ("first", 0), ("early", -1)):
        execute(
            store.engine(Role.SERVING),
            "insert into metrics.deployment (service, deployment_id, deployed_at, model_version, "
            "stage, threshold) values ('mail', :name, :at, 'модель 2', 'canary', 0.5)",
            name=name,
            at=BEGIN + hours * HOUR,
        )
    found = reader.releases("mail", BEGIN, BEGIN + 3 * HOUR)
    assert [release.deployment_id for release in found] == ["first", "second"]
    assert (found[0].model_version, found[0].threshold, found[0].stage) == (
        "модель 2",
        0.5,
        "canary",
    )


def test_no_question_reads_a_rollup_table_from_end_to_end(filled: Filled):
    engine = filled.store.engine(Role.APP)
    asked: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    reader = SqlReliabilityReader(engine)
    ends = (BEGIN + 10 * MINUTE, BEGIN + 200 * MINUTE)
    reader.minutes("mail", *ends)
    reader.trend("mail", *ends, HOUR)
    for by in BY:
        reader.slices("mail", *ends, by)
    reader.last_minutes("mail", ends[1])
    reader.watermark("mail")
    questions = [(statement, values) for statement, values in asked if "service" in statement]
    assert len(questions) >= 12
    with snapshot(engine) as connection:
        for statement, values in questions:
            plan = connection.exec_driver_sql("explain " + statement, values)
            lines = "\n".join(line for (line,) in plan)
            assert "Seq Scan on serving" not in lines, lines
            assert "Seq Scan on instance_hour" not in lines, lines
            assert "Seq Scan on hour_state" not in lines, lines


def test_an_instance_with_two_versions_does_not_stand_in_for_a_dead_neighbour(store: Store):
    versions = [row(BEGIN, instance="a", version=version) for version in ("v1", "v2")]
    write(store, [*versions, row(BEGIN + MINUTE, instance="a"), row(BEGIN + MINUTE, instance="b")])
    tick(store)
    reader = SqlReliabilityReader(store.engine(Role.APP))
    assert reader.minutes("mail", BEGIN, BEGIN + 2 * MINUTE).rows.tolist() == [[1, 2]]
