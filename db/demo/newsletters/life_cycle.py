"""How the simulated service went through its gates, by the code that people use."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from core.life_cycle import stages, standing
from core.timeframe import DAY, HOUR
from db.demo.newsletters import story
from db.demo.newsletters.story import BERT_4, SERVICE, Scenario
from db.readers.life_cycle import SqlLifeCycleReader
from db.team.life_cycle import keep, pass_gate

ELENA, FARID = "simulated: Elena", "simulated: Farid"
#: Days before the anchor's, and the hour: when it was said.
DATA_DAYS_AGO, RESEARCH_DAYS_AGO, SAVED_DAYS_AGO = 118, 40, 10
#: From the end of the shadow run until somebody has looked at it: before its canary.
LOOKED_AT = timedelta(hours=33)
_ANY = text("""
    select exists (select from team.life_cycle_item where service = :service)
        or exists (select from team.life_cycle_gate where service = :service)""")


def seed_life_cycle(app: Engine, scenario: Scenario) -> None:
    """Pass the gates of the story and save what was saved so far; nothing where anybody has.

    It has to come after releases, training runs and the shadow run: gates are judged by them.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history; what lies before it is left out.
    """
    with app.connect() as connection:
        if connection.execute(_ANY, {"service": SERVICE}).scalar_one():
            return
    if scenario.days >= DATA_DAYS_AGO:
        at = scenario.midnight(DATA_DAYS_AGO) + 9 * HOUR
        place = "simulated: hdfs://letters/newsletters/raw"
        note = "simulated: 5M of the 100M letters, без вложений"
        given = {"place": place, "note": note}
        keep(app, SERVICE, "data", None, given, by=ELENA, at=at)
        reason = "simulated: данных хватает на первую модель"
        _pass(app, stages.DATA, "", reason, by=ELENA, at=at)
    if scenario.days >= RESEARCH_DAYS_AGO:
        at = scenario.midnight(RESEARCH_DAYS_AGO) + 10 * HOUR
        reason = "simulated: bert-4 beats bert-3 offline; the inference service can serve both"
        _pass(app, stages.RESEARCH, BERT_4, reason, by=ELENA, at=at)
    if scenario.has(story.SHADOW):
        at = scenario.ends(story.SHADOW) + LOOKED_AT
        reason = (
            "simulated: неделя рядом с bert-3, для пользователей ничего не изменилось; дальше "
            "канарейка"
        )
        _pass(app, stages.SHADOW, BERT_4, reason, by=FARID, at=at)
    if scenario.days >= SAVED_DAYS_AGO:
        at = scenario.midnight(SAVED_DAYS_AGO) + DAY / 2 + HOUR
        given = {
            "place": "simulated: hdfs://models/newsletters/score-distributions",
            "note": "simulated: bert-3, by hour and segment, saved when it was retired",
        }
        keep(app, SERVICE, "score_distributions", None, given, by=FARID, at=at)


def _pass(app: Engine, gate: str, version: str, reason: str, *, by: str, at: datetime) -> None:
    """Pass a gate, where everything that it requires was written: a fill may be a part of one."""
    view = standing(SqlLifeCycleReader(app), SERVICE, at).gates[gate]
    if not view.ready or view.version != version:
        return
    given = {"reason": reason, "waiver": ""}
    request = f"simulated gate {gate}"
    pass_gate(app, SERVICE, gate, version, given, by=by, at=at, request_id=request)
