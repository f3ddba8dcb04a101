"""What goes into a set, and that everything else is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.false_reports.retraining import (
    DistinctText,
    GroupLetters,
    Selection,
    SetSettings,
    select,
)
from core.fields import FieldsError

WRONG, MISSED = "false_positive", "false_negative"


def text(group_id: int, digest: str, kind: str = WRONG, **fields: object) -> DistinctText:
    plain = DistinctText(group_id, kind, digest, f"{group_id}{digest}", "", "ru", 1, False)
    return replace(plain, **fields)


def chosen(
    texts: Iterable[DistinctText],
    *,
    groups: Iterable[GroupLetters] = (),
    settings: SetSettings | None = None,
    **asked: object,
) -> Selection:
    """A selection in which every group that is not said otherwise is confirmed."""
    texts = tuple(texts)
    counted = list(groups)
    for group_id in {one.group_id for one in texts} - {one.group_id for one in counted}:
        of_group = [one for one in texts if one.group_id == group_id]
        reports = sum(one.reports for one in of_group)
        counted.append(GroupLetters(group_id, of_group[0].kind, reports, len(of_group), 0, 0))
    plain = {
        "confirmed": {one.group_id for one in counted},
        "rejected": set(),
        "earlier": {},
        "links": (),
        "service": "mail",
    }
    return select(counted, texts, settings=settings or SetSettings(), **plain | asked)


def reasons(found: Selection) -> dict[str, int]:
    return {one.reason: one.reports for one in found.exclusions}


def test_the_exemplar_comes_first_and_then_what_was_reported_most():
    found = chosen(
        [text(1, "b", reports=9), text(1, "c", exemplar=True), text(1, "a", reports=9)],
        settings=SetSettings(variants=2),
    )
    assert [row.text.digest for row in found.chosen] == ["c", "a"]
    assert reasons(found) == {"variants": 9, "duplicate": 8}


def test_a_text_with_both_labels_is_in_neither_group():
    found = chosen([text(1, "a"), text(2, "a", MISSED), text(2, "b", MISSED)])
    assert [row.text.digest for row in found.chosen] == ["b"]
    assert reasons(found) == {"contradictory": 2}


def test_a_text_of_two_groups_of_one_kind_is_taken_once():
    found = chosen([text(1, "a"), text(2, "a", reports=3)])
    assert [row.text.group_id for row in found.chosen] == [1]
    assert reasons(found) == {"duplicate": 3}


def test_what_is_not_confirmed_stays_out_for_its_reason():
    found = chosen(
        [text(1, "a"), text(2, "b"), text(3, "c"), text(4, "d")],
        confirmed={1, 4},
        rejected={2},
        earlier={4: "train"},
    )
    assert found.groups == (1,)
    assert reasons(found) == {"waiting": 1, "rejected": 1, "earlier": 1}
    assert (found.funnel.reviewed, found.funnel.confirmed, found.funnel.exported) == (3, 2, 1)


def test_erased_and_unreadable_reports_are_told_apart():
    group = GroupLetters(1, WRONG, reports=6, texts=1, withdrawn=2, unreadable=3)
    found = chosen([text(1, "a")], groups=[group])
    assert reasons(found) == {"withdrawn": 2, "unreadable": 3}
    assert (found.funnel.raw, found.funnel.deduplicated, found.funnel.anonymised) == (6, 6, 1)


def test_groups_that_earlier_sets_put_apart_are_left_out_of_test():
    texts = [text(number, chr(96 + number)) for number in range(1, 5)]
    asked = {"earlier": {1: "train", 2: "test"}, "links": [(1, 2), (2, 3)]}
    again = chosen(texts, settings=SetSettings(cumulative=True, test_percent=0), **asked)
    assert again.groups == (1, 4)
    assert reasons(again) == {"straddling": 2}
    fresh = chosen(texts, **asked)
    assert fresh.groups == (4,)
    assert reasons(fresh) == {"earlier": 2, "straddling": 1}


def test_the_order_of_what_a_store_hands_over_does_not_matter():
    texts = [text(number % 7, f"{number}", reports=number % 3 + 1) for number in range(60)]
    assert chosen(texts).chosen == chosen(reversed(texts)).chosen


def test_train_comes_before_test_and_groups_stay_together():
    found = chosen([text(number // 2, f"{number}") for number in range(40)])
    splits = [row.split for row in found.chosen]
    assert splits == sorted(splits, reverse=True)
    assert found.counts("split") == {"train": 32, "test": 8}


@pytest.mark.parametrize(
    ("field", "value"),
    [("test_percent", -1), ("test_percent", 91), ("variants", 0), ("variants", 1.5)],
)
def test_wrong_settings_are_refused_by_name(field: str, value: float):
    with pytest.raises(FieldsError) as refused:
        SetSettings(**{field: value})
    assert set(refused.value.problems) == {field}


TEXTS = st.lists(
    st.builds(
        text,
        st.integers(1, 12),
        st.sampled_from("abcdefghij"),
        reports=st.integers(1, 5),
        exemplar=st.booleans(),
        contested=st.booleans(),
    ),
    unique_by=lambda one: (one.group_id, one.digest),
    max_size=40,
)
SPLIT = st.sampled_from(["train", "test"])


@given(
    texts=TEXTS,
    kinds=st.lists(st.sampled_from([WRONG, MISSED]), min_size=12, max_size=12),
    states=st.lists(st.sampled_from(["confirmed", "rejected", ""]), min_size=12, max_size=12),
    earlier=st.dictionaries(st.integers(1, 12), SPLIT),
    links=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=8),
    variants=st.integers(1, 4),
    cumulative=st.booleans(),
)
def test_every_report_is_a_row_or_left_out_and_nothing_that_is_linked_is_parted(
    texts: list[DistinctText],
    kinds: list[str],
    states: list[str],
    earlier: dict[int, str],
    links: list[tuple[int, int]],
    *,
    variants: int,
    cumulative: bool,
):
    texts = [replace(one, kind=kinds[one.group_id - 1]) for one in texts]
    found = chosen(
        texts,
        settings=SetSettings(cumulative, 50, variants),
        confirmed={at + 1 for at, state in enumerate(states) if state == "confirmed"},
        rejected={at + 1 for at, state in enumerate(states) if state == "rejected"},
        earlier=earlier,
        links=links,
    )

    raw = sum(one.reports for one in texts)
    assert found.funnel.raw == raw == len(found.chosen) + sum(reasons(found).values())
    steps = found.funnel
    assert steps.raw >= steps.deduplicated >= steps.anonymised >= steps.reviewed >= steps.confirmed
    assert steps.confirmed >= steps.exported == len(found.chosen)
    per_group = Counter(row.text.group_id for row in found.chosen)
    assert all(count <= variants for count in per_group.values())
    assert len({row.text.digest for row in found.chosen}) == len(found.chosen)
    splits: dict[int, str] = {}
    for row in found.chosen:
        assert splits.setdefault(row.text.group_id, row.split) == row.split
    assert all(splits[group] == earlier[group] for group in splits.keys() & earlier.keys())
    assert all(splits[a] == splits[b] for a, b in links if {a, b} <= splits.keys())
    # Nor is a new group in another split than a linked group of an earlier set.
    assert all(
        splits[a] == earlier[b]
        for pair in links
        for a, b in (pair, pair[::-1])
        if a in splits and a not in earlier and b in earlier
    )
