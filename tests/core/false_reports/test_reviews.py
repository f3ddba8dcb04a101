"""Where a group stands: the rules one by one, and by chance against the rules written plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.false_reports.reviews import REASONS, Decided, GroupState, standings, state_of
from core.false_reports.votes import BIG_GROUP, SECOND_SHARE, State, in_second_share
from core.ports import Review, SecondOpinion
from tests.core.false_reports.review_values import DAY, DOUBLE, HOUR, NOW, SINGLE, groups, vote
from tests.core.seeded import seeded

ONE, TWO = SINGLE[0], DOUBLE[0]
PEOPLE = ("Анна", "Борис", "Вера", "Глеб")


def votes(group_id: int, *verdicts: str, **first: Any) -> list[Review]:
    """One vote each by different people, in order."""
    found = [
        vote(number, group_id, PEOPLE[number], verdict) for number, verdict in enumerate(verdicts)
    ]
    return [replace(found[0], **first), *found[1:]] if found else []


def state(group_id: int, *verdicts: str, asked: bool = False, **first: Any) -> GroupState:
    return state_of(
        votes(group_id, *verdicts, **first),
        group_id=group_id,
        exemplar=f"r{group_id}",
        asked=asked,
    )


def test_a_group_waits_for_its_first_vote():
    found = state(ONE)
    assert (found.state, found.stage, found.verdict) == (State.WAITING, "first", None)
    assert (found.votes, found.decided_at, found.decided_version) == (0, None, 0)


@pytest.mark.parametrize(
    ("verdict", "expected"), [("confirm", State.CONFIRMED), ("reject", State.REJECTED)]
)
def test_one_sure_vote_decides(verdict: str, expected: State):
    found = state(ONE, verdict, group_version=7)
    assert (found.state, found.stage, found.verdict) == (expected, None, verdict)
    assert (found.decided_at, found.decided_version) == (NOW, 7)
    assert not found.agreed


def test_an_unsure_vote_a_big_group_the_share_and_a_question_want_a_second_opinion():
    for found in (
        state(ONE, "unsure"),
        state(ONE, "confirm", reports=BIG_GROUP),
        state(TWO, "reject"),
        state(ONE, "confirm", asked=True),
    ):
        assert (found.state, found.stage) == (State.SECOND_OPINION, "second")
        assert (found.verdict, found.decided_at) == (None, None)
    assert state(ONE, "confirm", reports=BIG_GROUP - 1).state is State.CONFIRMED


def test_two_that_say_the_same_agree():
    found = state(TWO, "reject", "reject")
    assert (found.state, found.agreed, found.disputed) == (State.REJECTED, True, False)
    assert found.decided_at == NOW + timedelta(seconds=1)


def test_where_one_is_unsure_the_other_decides():
    for verdicts in (("unsure", "confirm"), ("confirm", "unsure")):
        found = state(TWO, *verdicts)
        assert (found.state, found.agreed, found.disputed) == (State.CONFIRMED, False, False)


def test_a_dispute_and_two_unsure_go_to_a_third_person():
    for verdicts, disputed in (
        (("confirm", "reject"), True),
        (("reject", "confirm"), True),
        (("unsure", "unsure"), False),
    ):
        found = state(TWO, *verdicts)
        assert (found.state, found.stage) == (State.ADJUDICATION, "adjudication")
        assert found.disputed is disputed
        assert state(TWO, *verdicts, "reject").state is State.REJECTED
        assert state(TWO, *verdicts, "unsure").state is State.ADJUDICATION
        assert state(TWO, *verdicts, "unsure", "confirm").state is State.CONFIRMED
        # The first who is sure settles it.
        assert state(TWO, *verdicts, "confirm", "reject").state is State.CONFIRMED


def test_nobody_is_his_own_second_opinion_or_adjudicator():
    twice = [vote(1, TWO, "Анна", "confirm"), vote(2, TWO, "Анна", "reject")]
    assert state_of(twice, group_id=TWO, exemplar=f"r{TWO}").state is State.SECOND_OPINION
    disputed = [*votes(TWO, "confirm", "reject"), vote(9, TWO, "Борис", "confirm")]
    assert state_of(disputed, group_id=TWO, exemplar=f"r{TWO}").state is State.ADJUDICATION


def test_another_text_is_asked_about_again_and_more_reports_are_not():
    decided = votes(ONE, "confirm")
    assert state_of(decided, group_id=ONE, exemplar="another").state is State.WAITING
    grown = standings(groups([ONE], reports=10 * BIG_GROUP, versions=900), decided, as_of=NOW)
    assert grown.counts[State.CONFIRMED] == 1
    assert grown.decided(State.CONFIRMED) == {ONE: Decided(NOW, 1, 1)}


def test_a_vote_on_a_text_that_is_not_known_counts():
    assert state(ONE, "confirm", exemplar="").state is State.CONFIRMED


def test_without_a_text_there_is_nothing_to_wait_for():
    found = state_of([], group_id=ONE, readable=False)
    assert (found.state, found.stage) == (State.WITHDRAWN, None)
    decided = state_of(votes(ONE, "confirm"), group_id=ONE, exemplar=f"r{ONE}", readable=False)
    assert decided.state is State.CONFIRMED


def test_the_share_is_a_tenth_and_the_same_for_everybody():
    numbers = np.arange(1, 1_000_001)
    chosen = in_second_share(numbers)
    assert chosen.mean() == pytest.approx(SECOND_SHARE, abs=0.001)
    # Fixed: a number that is in the share today is in it tomorrow.
    mixed = [split_mix(number) for number in range(1, 5_000)]
    assert chosen[:4_999].tolist() == [one / 2**64 < SECOND_SHARE for one in mixed]
    assert split_mix(0) == 0xE220A8397B1DCDAF  # SplitMix64's first number for seed 0
    # Neighbours know nothing of each other.
    assert (chosen[1:] & chosen[:-1]).mean() == pytest.approx(SECOND_SHARE**2, abs=0.001)


def split_mix(number: int) -> int:
    """SplitMix64's number after `number`, as its authors write it in C."""
    whole = 2**64 - 1
    mixed = (number + 0x9E3779B97F4A7C15) & whole
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & whole
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & whole
    return mixed ^ (mixed >> 31)


def test_standings_count_groups_and_reports_by_state():
    ids = [*SINGLE[:4], DOUBLE[0]]
    ids.sort()
    columns = groups(
        ids,
        reports=[1, 2, 3, 4, 5],
        topics=[3, 3, 0, 0, 3],
        first_reported=[NOW - (5 - number) * HOUR for number in range(5)],
    )
    log = [vote(1, ids[0], "Анна", "confirm"), vote(2, ids[2], "Анна", "reject")]
    found = standings(columns, log, [SecondOpinion(ids[2], "Вера", NOW, "why?")], as_of=NOW)
    assert found.counts == {
        State.WAITING: 3,
        State.SECOND_OPINION: 1,
        State.ADJUDICATION: 0,
        State.CONFIRMED: 1,
        State.REJECTED: 0,
        State.WITHDRAWN: 0,
    }
    assert sum(found.reports.values()) == 15
    assert (found.reports[State.CONFIRMED], found.reports[State.SECOND_OPINION]) == (1, 3)
    assert found.oldest_waiting == NOW - 4 * HOUR
    # One decided group in topic 3, none elsewhere.
    assert found.topic_labels.tolist() == [1, 1, 0, 0, 1]
    # Groups without a topic have nothing in common.
    log.append(vote(3, ids[3], "Анна", "confirm"))
    assert standings(columns, log, as_of=NOW).topic_labels.tolist() == [1, 1, 1, 1, 1]
    log.pop(1)
    assert standings(columns, log, as_of=NOW).topic_labels.tolist() == [1, 1, 0, 1, 1]


def test_standings_of_no_groups_are_empty():
    found = standings(groups([]), [vote(1, 5, "Анна", "confirm")], as_of=NOW)
    assert sum(found.counts.values()) == 0
    assert found.oldest_waiting is None
    assert found.decided(State.CONFIRMED) == {}


def test_progress_counts_what_stands_and_how_quickly_it_came():
    times = [0, 20, 50, 50, 50 + 3_600, 50 + 3_610]
    log = [
        vote(number, ONE + number, "Анна", verdict, decided_at=NOW - DAY + timedelta(seconds=after))
        for number, (after, verdict) in enumerate(
            zip(times, ["confirm", "confirm", "reject", "unsure", "reject", "confirm"], strict=True)
        )
    ]
    log[0] = replace(log[0], undone_at=NOW)
    log.append(vote(9, ONE, "Борис", "confirm"))
    first, second = standings(groups([ONE]), log, as_of=NOW).progress
    assert first.reviewer == "Анна"
    assert (first.votes, first.confirmed, first.rejected, first.unsure) == (5, 2, 2, 1)
    assert (first.undone, first.today) == (1, 0)
    # 20, 30 and 10 seconds; two at once are one, and an hour is a break.
    assert first.median_seconds == 20
    assert (second.votes, second.today, second.median_seconds) == (1, 1, None)


def test_every_reason_has_words_for_both_kinds():
    for phrases in REASONS.values():
        assert set(phrases) == {"false_positive", "false_negative"}


def plainly(log: list[Review], group_id: int, exemplar: str, asked: bool) -> State:
    """The rules as a person would apply them, one vote after the other."""
    counted: list[Review] = []
    for one in log:
        known = {earlier.reviewer for earlier in counted}
        if one.undone_at is None and one.exemplar == exemplar and one.reviewer not in known:
            counted.append(one)
    sure = {"confirm": State.CONFIRMED, "reject": State.REJECTED}
    if not counted:
        return State.WAITING
    first = counted[0]
    if len(counted) == 1:
        doubtful = first.verdict == "unsure" or first.reports >= BIG_GROUP
        if doubtful or asked or group_id in DOUBLE:
            return State.SECOND_OPINION
        return sure[first.verdict]
    pair = [one.verdict for one in counted[:2] if one.verdict in sure]
    if pair and len(set(pair)) == 1:
        return sure[pair[0]]
    for one in counted[2:]:
        if one.verdict in sure:
            return sure[one.verdict]
    return State.ADJUDICATION


class Log(RuleBasedStateMachine):
    """A log of votes that grows by chance; whatever is undone, it is as if it had never been."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Review] = []
        self.asked: set[int] = set()
        self.exemplars = dict.fromkeys(GROUPS, "a")
        self.before: list[tuple[int, GroupState]] = []

    def state(self, group_id: int, log: list[Review] | None = None) -> GroupState:
        log = self.log if log is None else log
        return state_of(
            [one for one in log if one.group_id == group_id],
            group_id=group_id,
            exemplar=self.exemplars[group_id],
            asked=group_id in self.asked,
        )

    @rule(
        group_id=st.deferred(lambda: st.sampled_from(GROUPS)),
        reviewer=st.sampled_from(PEOPLE),
        verdict=st.sampled_from(["confirm", "confirm", "reject", "unsure"]),
        reports=st.sampled_from([1, 5, BIG_GROUP]),
    )
    def votes(self, group_id: int, reviewer: str, verdict: str, reports: int) -> None:
        self.before.append((group_id, self.state(group_id)))
        number = len(self.log)
        self.log.append(
            vote(
                number,
                group_id,
                reviewer,
                verdict,
                reports=reports,
                group_version=number,
                exemplar=self.exemplars[group_id],
            )
        )

    @precondition(lambda self: self.log and self.log[-1].undone_at is None and self.before)
    @rule()
    def takes_the_last_back(self) -> None:
        self.log[-1] = replace(self.log[-1], undone_at=NOW)
        group_id, before = self.before.pop()
        assert self.state(group_id) == before

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def takes_any_back(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.log) - 1))
        self.log[place] = replace(self.log[place], undone_at=NOW)
        self.before.clear()

    @rule(group_id=st.deferred(lambda: st.sampled_from(GROUPS)))
    def asks(self, group_id: int) -> None:
        self.asked.add(group_id)
        self.before.clear()

    @rule(
        group_id=st.deferred(lambda: st.sampled_from(GROUPS)),
        exemplar=st.sampled_from(["a", "b"]),
    )
    def another_text(self, group_id: int, exemplar: str) -> None:
        self.exemplars[group_id] = exemplar
        self.before.clear()

    @invariant()
    def an_undone_vote_was_never_there(self) -> None:
        left = [one for one in self.log if one.undone_at is None]
        for group_id in GROUPS:
            assert self.state(group_id) == self.state(group_id, left)

    @invariant()
    def the_rules_hold_for_one_and_for_all(self) -> None:
        columns = groups(GROUPS, exemplars=[self.exemplars[one] for one in GROUPS])
        asked = [SecondOpinion(one, "Вера", NOW, "why?") for one in self.asked]
        every = standings(columns, self.log[::-1], asked, as_of=NOW)
        for place, group_id in enumerate(GROUPS):
            found = self.state(group_id)
            of_group = [one for one in self.log if one.group_id == group_id]
            assert found.state is plainly(
                of_group, group_id, self.exemplars[group_id], group_id in self.asked
            )
            assert every.states.are(found.state)[place]
            assert every.states.votes[place] == found.votes


GROUPS = sorted([SINGLE[0], SINGLE[1], DOUBLE[0]])
TestLog = Log.TestCase
TestLog.settings = settings(seeded, max_examples=50, stateful_step_count=25)
