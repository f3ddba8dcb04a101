"""Train and test."""

from __future__ import annotations

import hashlib

import pytest

from core.false_reports.retraining_split import FEW, METHOD, assigned, linked


def split(groups: range, percent: int = 20, key: str = "mail", **kinds: range) -> dict[int, str]:
    of_kind = {group: kind for kind, some in kinds.items() for group in some}
    return assigned(
        dict.fromkeys(groups, "false_positive") | of_kind,
        parts={},
        earlier={},
        test_percent=percent,
        key=key,
    )


def in_test(found: dict[int, str]) -> set[int]:
    return {group for group, split in found.items() if split == "test"}


@pytest.mark.parametrize(
    ("groups", "wanted"), [(1, 0), (2, 0), (3, 1), (5, 1), (8, 2), (50, 10), (FEW - 1, 20)]
)
def test_of_few_groups_the_aimed_share_is_tested_on(groups: int, wanted: int):
    assert len(in_test(split(range(groups)))) == wanted


def test_of_many_groups_about_the_share_is_tested_on():
    # Six standard deviations of a binomial with n = 10,000 and p = 0.2.
    assert abs(len(in_test(split(range(10_000)))) - 2_000) < 6 * 40


def test_of_many_groups_none_depends_on_the_others():
    many = split(range(1_000))
    assert split(range(500)) == {group: many[group] for group in range(500)}


def test_few_groups_of_each_kind_are_split_kind_by_kind():
    found = split(range(0), false_positive=range(10), false_negative=range(10, 40))
    assert len(in_test(found) & set(range(10))) == 2
    assert len(in_test(found)) == 8


def test_each_service_draws_its_own():
    assert in_test(split(range(1_000))) != in_test(split(range(1_000), key="other"))


def test_anybody_can_draw_again_by_what_the_manifest_says():
    def digest(group: int) -> str:
        return hashlib.sha256(f"sha256 by group, 1\nmail\n{group}".encode()).hexdigest()

    assert METHOD == "sha256 by group, 1"
    assert in_test(split(range(40))) == set(sorted(range(40), key=digest)[:8])


def test_nothing_is_tested_on_where_nothing_is_to_be():
    assert in_test(split(range(1_000), 0)) == set()


def test_a_new_group_follows_the_earlier_one_that_it_is_linked_with():
    for earlier in ("train", "test"):
        found = assigned(
            {8: "false_positive", 9: "false_negative"},
            parts=linked([(1, 8), (8, 9)]),
            earlier={1: earlier},
            test_percent=50,
            key="mail",
        )
        assert found == {8: earlier, 9: earlier}
