"""The state machine of an alert, rule by rule of its description."""

from dataclasses import replace

import pytest

from core.alerts.evaluation import Evaluated
from core.alerts.machine import Steps, advance, fingerprint, step
from core.alerts.moves import FLAPS, QUIET_FOR, REOPEN_WITHIN
from core.ports.alerts import Episode
from core.timeframe import MINUTE
from tests.fakes import SERVICE, at
from tests.fakes_alerts import episode, evaluated, rule, signal


def go(
    course: dict[int, bool | None], wait: int = 0, episodes: tuple[Episode, ...] = ()
) -> list[Steps]:
    """Evaluate one alert at some minutes."""
    found = []
    for minute, active in course.items():
        found.append(step(evaluated(signal(active), wait=wait), episodes, at(minute)))
        episodes = found[-1].episodes
    return found


def states(found: list[Steps]) -> list[str]:
    return [after.episodes[-1].state if after.episodes else "" for after in found]


def test_without_a_wait_an_alert_fires_when_it_is_seen():
    (found,) = go({0: True})
    (change,) = found.changes
    assert change.begins
    assert [(one.before, one.after) for one in change.transitions] == [("", "firing")]
    assert change.episode.fired_at == at(0)


def test_a_wait_keeps_an_alert_pending_until_it_is_over():
    course = go({0: True, 1: True, 4: True, 5: True}, wait=5)
    assert states(course) == ["pending", "pending", "pending", "firing"]
    assert course[-1].episodes[0].began_at == at(0)
    assert course[-1].episodes[0].fired_at == at(5)
    assert course[-1].transitions[0].before == "pending"


def test_a_condition_that_ends_in_its_wait_never_fires():
    course = go({0: True, 3: False, 5: True, 9: True}, wait=5)
    assert states(course) == ["pending", "resolved", "pending", "pending"]
    first, second = course[-1].episodes
    assert first.fired_at is None
    assert second.began_at == at(5)


def test_the_wait_counts_from_when_the_data_say_that_it_began():
    seen = evaluated(signal(True, since=at(-10)), wait=5)
    (found,) = step(seen, (), at(0)).episodes
    assert (found.state, found.began_at, found.fired_at) == ("firing", at(-10), at(0))


def test_unknown_begins_nothing():
    assert go({0: None})[0].episodes == ()


def test_unknown_holds_a_firing_alert():
    course = go({0: True, 1: None, 500: None, 501: True, 502: None, 503: False})
    assert states(course) == ["firing", "unknown", "unknown", "firing", "unknown", "resolved"]
    moves = [(one.before, one.after) for found in course for one in found.transitions]
    assert moves == [
        ("", "firing"),
        ("firing", "unknown"),
        ("unknown", "firing"),
        ("firing", "unknown"),
        ("unknown", "resolved"),
    ]


def test_the_wait_goes_on_while_unknown_and_ends_only_when_seen():
    course = go({0: True, 1: None, 6: None, 7: True}, wait=5)
    assert states(course) == ["pending", "pending", "pending", "firing"]


def test_an_unknown_alert_keeps_the_sentence_of_when_it_was_last_seen():
    first = step(evaluated(signal(True, sentence="It burns")), (), at(0)).episodes
    (found,) = step(evaluated(signal(None, sentence="Rows are missing")), first, at(1)).changes
    assert found.episode.sentence == "It burns"
    assert found.transitions[0].sentence == "Rows are missing"


def test_what_cannot_be_seen_is_unknown_and_not_over():
    open_one = go({0: True})[0].episodes
    blind = evaluated(complete=False, why="no scores")
    (change,) = step(blind, open_one, at(1)).changes
    assert change.episode.state == "unknown"
    assert change.transitions[0].sentence == "no scores"


def test_what_is_not_watched_any_more_is_resolved_and_says_so():
    open_one = go({0: True})[0].episodes
    (change,) = step(evaluated(signal(False, {"of": "other"})), open_one, at(1)).changes
    assert change.episode.state == "resolved"
    assert change.transitions[0].sentence == "It is not watched any more."


@pytest.mark.parametrize("rules", [(), (rule(enabled=False),)])
def test_a_rule_that_is_gone_or_switched_off_ends_its_alerts(rules: tuple):
    open_one = go({0: True})[0].episodes
    found = advance(rules, (), open_one, at(1))
    assert [one.state for one in found.episodes] == ["resolved"]
    assert found.transitions[0].sentence == "Its rule was deleted or switched off."


def test_what_a_drill_raised_is_left_alone():
    """No rule stands behind it, and it may be newer than the minute that is evaluated."""
    drill = episode(7, rule_id="drill", drill=True, seen_at=at(1.5))
    open_one = go({0: True})[0].episodes
    found = advance((rule(),), (evaluated(signal(False)),), (drill, *open_one), at(1))
    assert found.episodes[0] == drill
    assert [one.state for one in found.episodes] == ["firing", "resolved"]
    assert len(found.changes) == 1


def test_a_rule_that_was_not_due_leaves_its_alerts_alone():
    open_one = go({0: True})[0].episodes
    found = advance((rule(),), (), open_one, at(1))
    assert found.episodes == open_one
    assert found.changes == ()


@pytest.mark.parametrize("active", [True, False, None])
@pytest.mark.parametrize("course", [{0: True}, {0: True, 1: None}, {0: True, 1: False}])
def test_the_same_minute_twice_changes_nothing(course: dict, active: bool | None):
    before = go(course)[-1].episodes
    last = max(course)
    again = step(evaluated(signal(active)), before, at(last))
    assert again.episodes == before
    assert again.changes == ()


def test_going_back_in_time_is_refused():
    before = go({5: True})[0].episodes
    with pytest.raises(ValueError, match="must not be before the last evaluation"):
        step(evaluated(signal(True)), before, at(4))
    with pytest.raises(ValueError, match="must not be before the last evaluation"):
        advance((rule(),), (), before, at(4))


def test_an_alert_that_comes_back_soon_is_the_same_one():
    course = go({0: True, 5: False, 15: True, 16: False})
    assert states(course) == ["firing", "resolved", "firing", "resolved"]
    (found,) = course[-1].episodes
    assert (found.began_at, found.fired_at, found.flaps) == (at(0), at(0), 1)
    assert course[2].transitions[0].before == "resolved"
    assert not course[2].changes[0].begins


def test_an_alert_that_comes_back_late_is_a_new_one():
    after = 5 + REOPEN_WITHIN // MINUTE
    same, new = (go({0: True, 5: False, minute: True})[-1] for minute in (after, after + 1))
    assert len(same.episodes) == 1
    assert len(new.episodes) == 2
    assert new.episodes[1].flaps == 0
    assert new.transitions[0].before == ""


def test_an_alert_that_comes_back_has_to_last_for_its_wait_again():
    course = go({0: True, 5: True, 6: False, 8: True, 12: True, 13: True}, wait=5)
    assert states(course) == ["pending", "firing", "resolved", "pending", "pending", "firing"]
    assert [found.episodes[0].flaps for found in course] == [0, 0, 0, 0, 0, 1]
    assert course[-1].episodes[0].fired_at == at(5)


def flapping(until: int) -> dict[int, bool | None]:
    return {minute: minute % 2 == 0 for minute in range(until)}


def test_an_alert_that_flaps_is_kept_firing_until_it_was_quiet_for_long():
    quiet = QUIET_FOR // MINUTE
    last = 2 * FLAPS
    course = flapping(last + 1) | {last + past: False for past in range(1, quiet + 2)}
    found = go(course)
    assert states(found)[: last + 1] == ["firing", "resolved"] * FLAPS + ["firing"]
    assert found[last].episodes[0].flaps == FLAPS
    assert set(states(found)[last:-1]) == {"firing"}
    assert found[last + 1].episodes[0].quiet_since == at(last + 1)
    assert states(found)[-1] == "resolved"
    assert found[-1].episodes[0].resolved_at == at(last + 1 + quiet)


@pytest.mark.parametrize("between", [True, None])
def test_what_is_not_quiet_begins_the_quiet_anew(between: bool | None):
    last, quiet = 2 * FLAPS, QUIET_FOR // MINUTE
    course = flapping(last + 1) | {last + 1: False, last + 10: between, last + 11: False}
    found = go(course | {last + 10 + quiet: False, last + 11 + quiet: False})
    assert states(found)[-2:] == ["firing", "resolved"]


def test_what_somebody_resolved_by_hand_is_over_for_good():
    (open_one,) = go({0: True})[0].episodes
    by_hand = replace(
        open_one, state="resolved", resolved_at=at(1.5), changed_at=at(1.5), resolved_by="anna"
    )
    found = step(evaluated(signal(True, since=at(-3))), (by_hand,), at(2))
    first, second = found.episodes
    assert first == by_hand
    assert (second.state, second.began_at, second.episode_id) == ("firing", at(1.5), 0)
    assert found.changes[0].begins


def test_labels_in_another_order_are_the_same_alert():
    one = fingerprint(SERVICE, "r", {"a": "1", "b": "2"})
    assert one == fingerprint(SERVICE, "r", {"b": "2", "a": "1"})


@pytest.mark.parametrize(
    "other",
    [
        ("other", "r", {"a": "1"}),
        (SERVICE, "s", {"a": "1"}),
        (SERVICE, "r", {"a": "2"}),
        (SERVICE, "r", {"a1": ""}),
        (SERVICE, "ra", {"": "1"}),
    ],
)
def test_another_service_rule_or_label_is_another_alert(other: tuple):
    assert fingerprint(*other) != fingerprint(SERVICE, "r", {"a": "1"})


def test_two_signals_about_the_same_thing_are_refused():
    with pytest.raises(ValueError, match="two signals of r have the labels"):
        step(evaluated(signal(True), signal(False)), (), at(0))


def test_alerts_of_one_rule_go_each_its_own_way():
    both = (signal(True, {"dc": "1"}), signal(True, {"dc": "2"}))
    first = step(evaluated(*both), (), at(0)).episodes
    second = step(evaluated(signal(False, {"dc": "1"}), signal(None, {"dc": "2"})), first, at(1))
    assert {one.labels["dc"]: one.state for one in second.episodes} == {
        "1": "resolved",
        "2": "unknown",
    }


def test_a_changed_number_is_a_change_without_a_transition():
    first = step(evaluated(signal(True, value=20.0)), (), at(0)).episodes
    found = step(evaluated(signal(True, value=30.0, where=("dc2",))), first, at(1))
    (change,) = found.changes
    assert change.transitions == ()
    assert (change.episode.value, change.episode.where) == (30.0, ("dc2",))


def test_an_area_that_could_not_be_read_holds_the_alerts_of_its_rules():
    open_one = go({0: True})[0].episodes
    failed = Evaluated(rule(), (), complete=False, why="the store is busy", error="busy")
    found = advance((rule(),), (failed,), open_one, at(1))
    assert found.episodes[0].state == "unknown"
