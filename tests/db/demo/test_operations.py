"""Rota, cards, alerts, incident and drills of the simulated history, as the reports say them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, Engine, text

from core import documentation, incidents, oncall
from core.alerts import report as alerts
from core.timeframe import HOUR, MINUTE, Window
from db.alerting import evaluate
from db.demo import cards, on_call
from db.demo import fill as filling
from db.demo.fill import fill
from db.demo.newsletters import alert_history, drills, incident, population, story, traffic
from db.demo.newsletters.simulated_minutes import SimulatedMinutes
from db.demo.newsletters.story import DATACENTERS, INSTANCES, SERVICE, Scenario, minute_number
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.readers.documentation import SqlDocumentationReader
from db.readers.incidents import SqlIncidentReader
from db.readers.oncall import SqlOnCallReader
from db.team.channels import channels, create
from db.team.rotas import save_rota
from db.writer import MetricWriter
from tests.conftest import new_database, open_store
from tests.db.demo.bells import Bell

DAY = timedelta(days=1)
#: Long past, so that no clock of a machine is behind it.
ANCHOR = datetime(2025, 6, 3, 12, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR, days=61)
#: What costs most and tells nothing here.
LEFT_OUT = (
    *("_serving", "_scores", "_labels", "_reports", "_reviews", "_retraining_set"),
    *("_experiment", "_shadow"),
)


@pytest.fixture(scope="module")
def filled(
    server_url: URL, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A whole history without its metrics."""
    with (
        new_database(server_url, migrated) as url,
        open_store(url) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        for left_out in LEFT_OUT:
            patch.setattr(filling._Fill, left_out, lambda *_: None)
        buffer = tmp_path_factory.mktemp("buffer")
        with MetricWriter(store, service=SERVICE, buffer=buffer) as writer:
            fill(store, ANCHOR, writer=writer, days=SCENARIO.days, scores=Bell)
        yield store


@pytest.fixture(scope="module")
def app(filled: Store) -> Engine:
    return filled.engine(Role.APP)


@pytest.fixture(scope="module")
def reader() -> SimulatedMinutes:
    return SimulatedMinutes(SCENARIO, population.build(Bell()))


def alerted(app: Engine, as_of: datetime = ANCHOR, days: int = 30) -> alerts.AlertsReport:
    return alerts.report(SqlAlertReader(app), SERVICE, as_of, Window(days * DAY))


def followed(app: Engine, as_of: datetime = ANCHOR, days: int = 60) -> incidents.IncidentsReport:
    return incidents.report(SqlIncidentReader(app), SERVICE, Window(days * DAY), as_of)


def everything(app: Engine) -> list[Any]:
    """How many rows of each table of people's there are."""
    tables = (
        *("alert_episode", "alert_transition", "alert_acknowledgement", "alert_evaluation"),
        *("alert_act", "audit", "rota", "rota_override", "service_card"),
        *("incident", "incident_note", "incident_alert", "drill", "retrospective", "action"),
        *("channel", "notification"),
    )
    with app.connect() as connection:
        return [
            (table, connection.execute(text(f"select count(*) from team.{table}")).scalar())
            for table in tables
        ]


def test_somebody_is_on_call_for_both_services_and_a_day_that_nobody_has_is_warned_of(
    app: Engine,
) -> None:
    services = (SERVICE, on_call.SPAMBASE)
    found = oncall.report(SqlOnCallReader(app), services, ANCHOR)
    duty = found.duty(SERVICE)
    assert duty.rota is not None
    assert (duty.rota.zone, duty.rota.members) == ("Europe/Moscow", on_call.MEMBERS)
    assert all(name.startswith("simulated: ") for one in found.duties for name in _names(one))
    assert duty.now is not None
    assert duty.now.member == on_call.on_call(SCENARIO, ANCHOR)
    (gap,) = duty.gaps
    assert gap.start.date() == ANCHOR.date() + on_call.GAP_IN_DAYS * DAY
    assert gap.end - gap.start == DAY
    assert len(found.warnings) == 1
    assert "Nobody is on call for newsletters" in found.warnings[0]
    instead = [one for one in duty.overrides if one.member]
    assert [one.member != on_call.on_call(SCENARIO, one.starts_at) for one in instead] == [True]
    assert found.duty(on_call.SPAMBASE).gaps == ()


def _names(duty: oncall.Duty) -> tuple[str, ...]:
    return () if duty.rota is None else duty.rota.members


@pytest.mark.parametrize(("service", "absent"), [(SERVICE, []), (on_call.SPAMBASE, ["logs"])])
def test_newsletters_is_documented_four_of_four_and_spambase_lacks_its_logs(
    app: Engine, service: str, absent: list[str]
) -> None:
    found = documentation.report(SqlDocumentationReader(app), service, ANCHOR)
    assert [about.field for about in found.missing] == absent


def test_the_storys_incidents_have_raised_what_the_rules_raise_and_all_of_it_is_over(
    app: Engine,
) -> None:
    found = alerted(app, days=61)
    assert found.open == ()
    real = [one for one in found.episodes if not one.drill]
    assert {one.severity for one in real if one.rule_id == "rows"} == {"page"}
    raised = Counter(
        event.name
        for one in real
        for event in (watched.event for watched in alert_history.WATCHED)
        if SCENARIO.starts(event) <= one.began_at <= SCENARIO.ends(event)
    )
    assert raised == {"slow_incident": 1, "canary_slow": 1, "datacenter_lost": 5, "gap": 1}
    assert sum(raised.values()) == len(real)
    lost = [one for one in real if "dc2" in one.where]
    assert Counter(one.severity for one in lost) == {"page": 2, "ticket": 2}
    (canary,) = [one for one in real if "dc1/dc1-canary" in one.where]
    assert "since release bert-4" in canary.sentence


def test_alerts_went_as_they_go_most_taken_in_hand_some_left_alone(app: Engine) -> None:
    history = alerted(app).history
    assert history.fired == 7
    assert history.acknowledged.mean is not None
    assert history.resolved.mean is not None
    assert 3 * MINUTE <= history.acknowledged.mean <= 40 * MINUTE
    assert history.acknowledged.count == 5
    assert history.acknowledged.open == 2
    ignored = {one.rule_id: one.ignored for one in history.noise}
    assert ignored == {"rows": 1, "errors": 1, "slo-availability": 0, "slo-latency": 0}
    taken = alerted(app).acknowledgements
    assert all(one.by == on_call.on_call(SCENARIO, one.at) for one in taken)
    assert all(one.note.startswith("simulated: ") for one in taken)


def test_a_view_of_the_moment_shows_the_alert_firing_in_nobodys_hands(app: Engine) -> None:
    began = SCENARIO.starts(story.DATACENTER_LOST)
    then = alerted(app, began + 2 * MINUTE)
    assert {one.episode.labels["policy"] for one in then.calling} == {"page_fast", "page_slow"}
    assert len(then.firing) == 4, "the pages make two tickets superfluous"
    assert not then.health.late
    later = alerted(app, began + 5 * MINUTE)
    assert later.calling == () or all(one.episode.rule_id == "errors" for one in later.calling)
    assert alerted(app, began - MINUTE).open == ()


def test_a_worker_that_comes_goes_on_with_nothing_of_it(filled: Store, app: Engine) -> None:
    history = text("""
        select episode, transition from team.alert_episode episode
        join team.alert_transition transition using (episode_id)
        where episode.began_at < :anchor order by transition_id""")
    with app.connect() as connection:
        before = connection.execute(history, {"anchor": ANCHOR}).all()
    outcome = evaluate(filled.engine(Role.WORKER), ANCHOR + DAY)
    assert outcome is not None
    assert SERVICE in outcome.services
    assert outcome.errors == ()
    with app.connect() as connection:
        assert connection.execute(history, {"anchor": ANCHOR}).all() == before
        acts = connection.execute(text("select count(*) from team.alert_act")).scalar_one()
    assert len(before) > 15
    assert acts == 0, "nothing of long ago is escalated"


def test_the_loss_of_dc2_was_followed_closed_and_looked_back_at(
    app: Engine, reader: SimulatedMinutes
) -> None:
    (view,) = followed(app).incidents
    began = SCENARIO.starts(story.DATACENTER_LOST)
    assert (view.incident.began_at, view.to_detect, view.to_recover) == (
        began,
        MINUTE,
        story.BALANCER_MINUTES * MINUTE,
    )
    assert view.incident.closed_at is not None
    assert [entry.at for entry in view.timeline] == sorted(entry.at for entry in view.timeline)
    said = [entry.text for entry in view.timeline if entry.text.startswith("simulated: ")]
    assert {note for _, note in incident.NOTES} <= set(said)
    assert view.impact is not None
    assert view.impact.frozen
    hour = traffic.hour(SCENARIO, minute_number(began) // 60)
    during = (hour.minute >= minute_number(began)) & (hour.minute < minute_number(began) + 2)
    assert view.impact.bad["availability"] == int(hour.errors[during].sum())
    assert view.impact.minutes == {"availability": 2, "latency": 0, "any": 2}
    share = view.impact.share("availability")
    assert share is not None
    assert 0.1 < share < 0.3
    assert view.retrospective is not None
    assert [action.done_at is not None for action in view.actions] == [True, False]


def test_one_action_is_due_soon_one_is_overdue_and_one_was_done(app: Engine) -> None:
    found = followed(app)
    (late,) = found.overdue_actions
    assert late.due_on == ANCHOR.date() + drills.FOLLOW_UP_IN_DAYS * DAY
    assert [one.due_on for one in found.actions if one != late] == [
        ANCHOR.date() + incident.DUE_IN_DAYS * DAY
    ]
    assert [one.done_by.startswith("simulated: ") for one in found.done] == [True]


def test_one_drill_was_held_and_measured_one_is_planned_one_is_overdue(app: Engine) -> None:
    found = followed(app)
    held = [one for one in found.drills if one.drill.ended_at is not None]
    assert [(one.to_detect, one.to_acknowledge, one.to_recover) for one in held] == [
        (timedelta(0), drills.REACTS, story.DRILL.minutes * MINUTE)
    ]
    assert [one.drill.scenario for one in found.overdue_drills] == ["bad_model"]
    coming = {one.scenario: one.planned is not None for one in found.coming}
    assert coming["inference_off"]
    assert not coming["samples_lost"]
    assert alerted(app, days=60).history.drills == 1


def test_the_channel_that_is_shown_is_off_and_nobody_was_told_anything(app: Engine) -> None:
    (channel,) = channels(app)
    assert (channel.address, channel.channel.enabled) == ("env:ONCALL_WEBHOOK", False)
    assert dict(everything(app))["notification"] == 0


def test_done_again_after_a_kill_nothing_is_there_twice(
    app: Engine, reader: SimulatedMinutes
) -> None:
    before = everything(app)

    def whoever(moment: datetime) -> str:
        return on_call.on_call(SCENARIO, moment)

    drills.seed_drills(app, SCENARIO, whoever)
    on_call.seed_rotas(app, SCENARIO)
    on_call.seed_channel(app, SCENARIO)
    cards.seed_cards(app, SCENARIO)
    alert_history.write(app, SCENARIO, reader, whoever)
    incident.seed_incident(app, SCENARIO, reader, whoever)
    assert everything(app) == before


def test_what_people_have_made_stays_and_a_channel_that_is_on_hears_of_no_old_drill(
    store: Store,
) -> None:
    app = store.engine(Role.APP)
    ours = {
        "zone": "UTC", "handover_weekday": 2, "handover_time": "09:00",
        "starts_on": "2025-06-01", "members": ["Zoe"], "escalate_after_minutes": 5,
    }  # fmt: skip
    save_rota(app, SERVICE, None, ours, by="Zoe", at=ANCHOR)
    create(
        app,
        {"channel_id": "ours", "name": "Ours", "address": "env:OURS"},
        by="Zoe",
        at=ANCHOR,
    )
    drills.seed_drills(app, SCENARIO, lambda _: on_call.MEMBERS[0])
    on_call.seed_rotas(app, SCENARIO)
    duty = oncall.report(SqlOnCallReader(app), (SERVICE,), ANCHOR).duty(SERVICE)
    assert duty.rota is not None
    assert duty.rota.members == ("Zoe",)
    assert duty.overrides == ()
    counts = dict(everything(app))
    assert (counts["drill"], counts["alert_episode"], counts["notification"]) == (2, 0, 0)


def test_a_short_history_has_a_rota_and_nothing_that_was_before_it(
    store: Store, reader: SimulatedMinutes
) -> None:
    app = store.engine(Role.APP)
    short = Scenario(ANCHOR, days=1)

    def whoever(moment: datetime) -> str:
        return on_call.on_call(short, moment)

    drills.seed_drills(app, short, whoever)
    on_call.seed_rotas(app, short)
    alert_history.write(app, short, SimulatedMinutes(short, population.build(Bell())), whoever)
    incident.seed_incident(app, short, reader, whoever)
    counts = dict(everything(app))
    assert (counts["rota"], counts["drill"]) == (2, 2)
    assert (counts["alert_episode"], counts["incident"]) == (0, 0)


def test_simulated_minutes_are_what_the_generator_draws(reader: SimulatedMinutes) -> None:
    start = SCENARIO.starts(story.CANARY_SLOW) - 7 * MINUTE
    end = start + 2 * HOUR + 13 * MINUTE
    first, last = minute_number(start), minute_number(end)
    letters = np.zeros((len(DATACENTERS), last - first), np.int64)
    of_instance: Counter[str] = Counter()
    newest: dict[tuple[str, str], int] = {}
    for number in range(first // 60, last // 60 + 1):
        hour = traffic.hour(SCENARIO, number)
        for minute, index, count in zip(hour.minute, hour.instance, hour.letters, strict=True):
            if first <= minute < last:
                instance = INSTANCES[index]
                name = DATACENTERS[instance.datacenter]
                letters[instance.datacenter, minute - first] += count
                of_instance[f"{name}/{instance.name}"] += int(count)
                newest[(name, instance.name)] = int(minute)
    np.testing.assert_array_equal(reader.minutes(SERVICE, start, end).letters, letters)
    by_instance = reader.slices(SERVICE, start, end, "instance")
    assert {one.key: one.letters for one in by_instance} == of_instance
    by_datacenter = reader.slices(SERVICE, start, end, "datacenter")
    assert [one.letters for one in by_datacenter] == letters.sum(axis=1).tolist()
    known = reader.last_minutes(SERVICE, end)
    assert {key: minute_number(moment) for key, moment in known.items()} == newest


def test_while_the_collector_is_down_the_newest_row_is_the_last_before_it(
    reader: SimulatedMinutes,
) -> None:
    starts, ends = SCENARIO.starts(story.GAP), SCENARIO.ends(story.GAP)
    for moment, newest in ((starts, starts), (starts + 3 * MINUTE, starts), (ends, starts)):
        assert max(reader.last_minutes(SERVICE, moment).values()) == newest - MINUTE
    assert max(reader.last_minutes(SERVICE, ends + MINUTE).values()) == ends


def test_a_drained_datacenter_raises_nothing(reader: SimulatedMinutes) -> None:
    assert alert_history.replay(reader, SCENARIO, story.DRILL).episodes == {}
