"""How alerts went: times to acknowledge and resolve, noise, rules to retire."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from core.alerts.history import Acts, History, Times, history
from core.ports.alerts import Acknowledgement, Episode, Silence
from core.timeframe import MINUTE
from tests.fakes import at
from tests.fakes_alerts import episode, rule, rule_named

END = at(10_000)


def acknowledged(number: int, minute: float) -> Acknowledgement:
    return Acknowledgement(number, "anna", at(minute), "", at(minute + 60))


def past(
    *episodes: Episode,
    made: tuple[Acknowledgement, ...] = (),
    silences: tuple[Silence, ...] = (),
    handled: frozenset[int] = frozenset(),
    rules: tuple = (rule(),),
) -> History:
    return history(episodes, rules, Acts(made, silences, handled), END)


def over(number: int, minutes: float, **more: object) -> Episode:
    """Fired at 0, over after some minutes."""
    return episode(number, "resolved", resolved_at=at(minutes), **more)


def test_the_time_to_acknowledge_is_from_firing_to_the_first_acknowledgement():
    found = past(
        over(1, 60),
        over(2, 60),
        over(3, 60),
        made=(acknowledged(1, 9), acknowledged(1, 2), acknowledged(2, 10)),
    )
    assert found.acknowledged == Times(6 * MINUTE, 6 * MINUTE, 2, 1)


def test_one_long_weekend_moves_the_mean_and_not_the_median():
    found = past(over(1, 10), over(2, 20), over(3, 3_000))
    assert found.resolved.median == 20 * MINUTE
    assert found.resolved.mean == 1_010 * MINUTE


def test_what_is_open_is_left_out_and_counted():
    found = past(over(1, 10), episode(2), episode(3, "unknown"))
    assert found.resolved == Times(10 * MINUTE, 10 * MINUTE, 1, 2)
    assert past(episode(1)).resolved == Times(None, None, 0, 1)


def test_what_never_fired_and_what_was_a_drill_counts_for_nothing():
    waited = replace(over(1, 10), fired_at=None)
    found = past(waited, over(2, 10, drill=True))
    assert (found.fired, found.drills) == (0, 1)
    assert found.noise == ()
    assert found.resolved == Times(None, None, 0, 0)


def test_an_alert_that_was_acknowledged_before_it_fired_kept_nobody_waiting():
    late = replace(over(1, 60), fired_at=at(5))
    assert past(late, made=(acknowledged(1, 2),)).acknowledged.mean == timedelta(0)


def test_an_alert_that_nobody_acted_on_is_noise():
    (found,) = past(over(1, 10), over(2, 10, flaps=2), made=(acknowledged(1, 2),)).noise
    assert (found.episodes, found.ignored, found.flaps) == (2, 1, 2)
    assert found.share == Fraction(1, 2)


@pytest.mark.parametrize(
    "acts",
    [
        {"made": (acknowledged(1, 2),)},
        {"silences": (Silence(1, {"of": "1"}, "known", "anna", at(5), at(50)),)},
        {"handled": frozenset({1})},
    ],
)
def test_who_acknowledged_silenced_escalated_or_made_an_incident_of_it_acted(acts: dict):
    (found,) = past(over(1, 10), **acts).noise
    assert found.ignored == 0


def test_who_resolved_it_by_hand_acted():
    (found,) = past(over(1, 10, resolved_by="anna")).noise
    assert found.ignored == 0


def test_a_silence_of_another_time_or_alert_is_no_act():
    before = Silence(1, {"of": "1"}, "known", "anna", at(-50), at(-5))
    other = Silence(2, {"of": "2"}, "known", "anna", at(5), at(50))
    (found,) = past(over(1, 10), silences=(before, other)).noise
    assert found.ignored == 1


def test_an_alert_that_still_runs_may_yet_be_acted_on():
    (found,) = past(episode(1)).noise
    assert found.ignored == 0


NOISY = tuple(over(number, 10) for number in range(1, 11))


def test_a_rule_that_nobody_acts_on_is_proposed_to_be_retired():
    (found,) = past(*NOISY, made=(acknowledged(1, 2),)).proposals
    assert found.rule_id == "r"
    assert found.sentence == (
        "Nobody writes serving minutes: nobody acted on 9 of 10 alerts (90 %). "
        "Retire the rule, raise its threshold or its wait."
    )


def test_a_rule_that_somebody_acts_on_now_and_then_stays():
    assert past(*NOISY, made=(acknowledged(1, 2), acknowledged(2, 2))).proposals == ()


def test_a_few_alerts_are_too_few_to_judge_a_rule_by():
    assert past(*NOISY[:4]).proposals == ()
    assert len(past(*NOISY[:5]).proposals) == 1


def test_a_rule_that_pages_because_a_budget_is_lost_is_never_proposed():
    burns = tuple(replace(one, rule_id="slo-latency") for one in NOISY)
    rules = (rule_named("slo-latency"),)
    assert past(*burns, rules=rules).proposals == ()
    tickets = tuple(replace(one, severity="ticket") for one in burns)
    assert len(past(*tickets, rules=rules).proposals) == 1


def test_a_rule_that_is_gone_or_switched_off_cannot_be_retired():
    assert past(*NOISY, rules=()).proposals == ()
    assert past(*NOISY, rules=(rule(enabled=False),)).proposals == ()


def test_the_noisiest_rule_comes_first():
    loud = tuple(replace(one, rule_id="loud", episode_id=one.episode_id + 50) for one in NOISY)
    found = past(*NOISY, *loud, made=(acknowledged(1, 2),))
    assert [one.rule_id for one in found.noise] == ["loud", "r"]
