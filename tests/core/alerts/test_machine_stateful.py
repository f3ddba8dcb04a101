"""Whatever comes in whatever order: what holds of the state machine all the same."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from hypothesis.stateful import rule as action

from core.alerts.evaluation import Evaluated
from core.alerts.machine import Steps, advance
from core.ports.alerts import Episode, Transition
from core.timeframe import MINUTE
from tests.core.seeded import seeded
from tests.fakes import at
from tests.fakes_alerts import rule, signal

THINGS = ("one", "two")
#: What may follow what; '' is before the beginning.
MOVES = {
    "": {"pending", "firing"},
    "pending": {"firing", "resolved"},
    "firing": {"unknown", "resolved"},
    "unknown": {"firing", "resolved"},
    "resolved": {"pending", "firing"},
}
actives = strategies.sampled_from([True, False, None])


class Alerts(RuleBasedStateMachine):
    """One rule about two things, evaluated at times that only go forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.wait = timedelta(0)
        self.episodes: tuple[Episode, ...] = ()
        self.moves: dict[tuple[str, object], list[Transition]] = {}

    @initialize(wait=strategies.integers(0, 4))
    def with_a_wait(self, wait: int) -> None:
        self.wait = wait * MINUTE

    def look(self, found: tuple[Evaluated, ...], *, enabled: bool = True) -> Steps:
        rules = (rule(enabled=enabled, wait=self.wait // MINUTE),)
        return advance(rules, found, self.episodes, at(self.now))

    def keep(self, steps: Steps) -> None:
        for change in steps.changes:
            key = (change.episode.fingerprint, change.episode.began_at)
            self.moves.setdefault(key, []).extend(change.transitions)
        self.episodes = steps.episodes

    @action(later=strategies.integers(1, 40), states=strategies.tuples(actives, actives))
    def evaluate(self, later: int, states: tuple[bool | None, bool | None]) -> None:
        self.now += later
        signals = tuple(
            signal(active, {"of": name}) for name, active in zip(THINGS, states, strict=True)
        )
        found = (Evaluated(replace(rule(), wait=self.wait), signals),)
        before = {one.fingerprint: one for one in self.episodes if one.resolved_at is None}
        steps = self.look(found)
        self.keep(steps)
        unknown = {str(one.labels) for one in signals if one.active is None}
        for change in steps.changes:
            if str(dict(change.episode.labels)) in unknown:
                # Unknown begins nothing, fires nothing, resolves nothing.
                assert change.episode.fingerprint in before
                assert {one.after for one in change.transitions} <= {"unknown"}
        assert self.look(found).changes == ()

    @action(later=strategies.integers(1, 10))
    def see_nothing(self, later: int) -> None:
        self.now += later
        open_before = {one.fingerprint for one in self.episodes if one.resolved_at is None}
        self.keep(self.look((Evaluated(rule(), (), complete=False, why="blind"),)))
        assert {one.fingerprint for one in self.episodes if one.resolved_at is None} == open_before

    @action(later=strategies.integers(1, 10))
    def not_due(self, later: int) -> None:
        self.now += later
        assert self.look(()).changes == ()

    @action()
    def switched_off(self) -> None:
        self.now += 1
        self.keep(self.look((), enabled=False))
        assert all(one.resolved_at is not None for one in self.episodes)

    @action()
    def resolved_by_hand(self) -> None:
        self.now += 1
        ended = []
        for one in self.episodes:
            if one.resolved_at is None:
                moved = Transition(0, at(self.now), one.state, "resolved", "by hand")
                self.moves[one.fingerprint, one.began_at].append(moved)
                ended.append(
                    replace(
                        one,
                        state="resolved",
                        resolved_at=at(self.now),
                        changed_at=at(self.now),
                        resolved_by="anna",
                    )
                )
            else:
                ended.append(one)
        self.episodes = tuple(ended)

    @invariant()
    def one_open_episode_an_alert(self) -> None:
        opened = [one.fingerprint for one in self.episodes if one.resolved_at is None]
        assert len(opened) == len(set(opened))

    @invariant()
    def resolved_is_what_has_an_end(self) -> None:
        for one in self.episodes:
            assert (one.state == "resolved") == (one.resolved_at is not None)
            assert one.began_at <= one.seen_at <= at(self.now)
            if one.state in {"firing", "unknown"}:
                assert one.fired_at is not None
                assert one.fired_at - one.began_at >= self.wait

    @invariant()
    def transitions_are_one_chain(self) -> None:
        for moves in self.moves.values():
            state = ""
            for moved in moves:
                assert moved.before == state
                assert moved.after in MOVES[state]
                state = moved.after
        for one in self.episodes:
            assert self.moves[one.fingerprint, one.began_at][-1].after == one.state


TestAlerts = Alerts.TestCase
TestAlerts.settings = settings(seeded, max_examples=60, stateful_step_count=40)
