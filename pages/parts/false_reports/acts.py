"""What the buttons of the inbox do: each is a callback, so that one run shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import streamlit as st
from sqlalchemy import Engine

from core.false_reports import FalseReportsReport
from core.false_reports.queue import Queue
from core.false_reports.reviews import Seen
from core.fields import FieldsError
from core.ports import Claim
from db.team.report_reviews import (
    Bulk,
    ReviewConflictError,
    ask_second_opinion,
    claim,
    claim_next,
    decide,
    decide_many,
    extend,
    release,
    undo,
)
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports.desk import Desk, who

T = TypeVar("T")
DID = {"confirm": "Confirmed", "reject": "Rejected", "unsure": "Unsure of"}
#: So many groups of a topic are tried before it is said that none is free.
_TRIED = 20


def note_key(desk: Desk) -> str:
    """The key of the note on the group at hand."""
    return f"note·{desk.token}"


def start(found: FalseReportsReport, desk: Desk, topic: int | None) -> None:
    """Begin to work: the next group."""
    desk.begun = True
    desk.tell("")
    _take(found, desk, topic)


def vote(
    found: FalseReportsReport, desk: Desk, topic: int | None, verdict: str, reason: str = ""
) -> None:
    """Vote on the group at hand, and take the next."""
    held = desk.claim
    if held is None:
        return
    seen = Seen(held.group_id, held.group_version, held.exemplar, held.stage)
    note, token, at = str(st.session_state.get(note_key(desk), "")), desk.token, data.moment()
    stored = _asked(
        desk,
        lambda store: decide(
            store,
            found.service,
            seen,
            verdict,
            reviewer=who(),
            at=at,
            request_id=token,
            reason=reason,
            note=note,
        ),
        drop=True,
    )
    if stored is None:
        return
    desk.history.append((stored,))
    desk.done.add(held.group_id)
    desk.put_down()
    desk.tell(f"{DID[verdict]} group {held.group_id}.")
    _take(found, desk, topic)


def skip(found: FalseReportsReport, desk: Desk, topic: int | None) -> None:
    """Give the group at hand back for others, and take the next."""
    if desk.claim is not None:
        desk.skipped.add(desk.claim.group_id)
        desk.tell(f"Group {desk.claim.group_id} is left to others.")
    _give_back(found.service, desk)
    _take(found, desk, topic)


def stop(found: FalseReportsReport, desk: Desk) -> None:
    """Give the group at hand back, and take no other."""
    _give_back(found.service, desk)
    desk.begun = False
    desk.skipped.clear()
    desk.tell("Nothing is kept for you any more.")


def keep(found: FalseReportsReport, desk: Desk) -> None:
    """Keep the group at hand for longer."""
    held, at = desk.claim, data.moment()
    if held is None:
        return
    kept = _asked(
        desk,
        lambda store: extend(store, found.service, held.group_id, who(), at=at),
        quick=True,
        drop=True,
    )
    if kept is not None:
        desk.claim = kept
        desk.tell(f"Group {held.group_id} is kept for you for longer.")


def second_opinion(found: FalseReportsReport, desk: Desk) -> None:
    """Have somebody else look at the group at hand, too."""
    held, at = desk.claim, data.moment()
    if held is None:
        return
    reason = str(st.session_state.get(note_key(desk), ""))
    asked = _asked(
        desk,
        lambda store: ask_second_opinion(
            store, found.service, held.group_id, by=who(), at=at, reason=reason
        ),
    )
    if asked is not None:
        desk.tell(f"Somebody else will look at group {held.group_id}, too, whatever you say.")


def take_back(found: FalseReportsReport, desk: Desk) -> None:
    """Take the votes of the last click back; a single group is at hand again."""
    if not desk.history:
        return
    votes = desk.history.pop()
    undone, at = [], data.moment()
    for one in reversed(votes):
        done = _asked(
            desk,
            lambda store, one=one: undo(  # type: ignore[misc]
                store, found.service, one.review_id, reviewer=one.reviewer, at=at
            ),
        )
        if done is None:
            break
        undone.append(one)
        desk.done.discard(one.group_id)
    kept = votes[: len(votes) - len(undone)]
    if kept and len(votes) > 1:
        desk.history.append(kept)
    if not undone:
        return
    if len(votes) > 1:
        desk.listed = None
        desk.tell(f"{len(undone)} of {len(votes)} votes are taken back.", good=not kept)
        return
    group_id = undone[0].group_id
    if desk.begun:
        _give_back(found.service, desk)
        desk.claim = _asked(desk, lambda store: claim(store, found.service, group_id, who(), at=at))
    desk.tell(f"Your vote on group {group_id} is taken back.")


def decide_listed(
    found: FalseReportsReport, desk: Desk, chosen: Sequence[int], verdict: str, reason: str = ""
) -> None:
    """The same vote on the chosen rows of the list, as they were on the screen.

    Args:
        found: the report.
        desk: whose list it is.
        chosen: rows of the list.
        verdict: of all of them.
        reason: of a rejection.
    """
    listed, at = desk.listed, data.moment()
    if listed is None or not chosen:
        return
    seen = [listed.seen[row] for row in chosen]
    done: Bulk | None = _asked(
        desk,
        lambda store: decide_many(
            store,
            found.service,
            seen,
            verdict,
            reviewer=who(),
            at=at,
            request_id=listed.token,
            reason=reason,
        ),
    )
    if done is None:
        return
    if done.stored:
        desk.history.append(done.stored)
    settled = {one.group_id for one in done.stored}
    desk.done |= settled
    if desk.claim is not None and desk.claim.group_id in settled:
        desk.put_down()
    desk.listed = None
    desk.tell(
        f"{DID[verdict]} {len(done.stored)} of {len(seen)} groups.",
        [f"Group {one.group_id} is left as it is. {one.sentence}" for one in done.refused],
        good=not done.refused,
    )


def order_of(found: FalseReportsReport, desk: Desk, topic: int | None) -> Queue:
    """The groups that wait, without those that this reviewer has done with."""
    order = data.review_order(found)
    gone = np.fromiter(desk.done | desk.skipped, np.int64)
    wanted = ~np.isin(order.group_ids, gone)
    if topic is not None:
        of_topic = found.groups.group_ids[found.groups.topics == topic]
        wanted &= np.isin(order.group_ids, of_topic)
    return Queue(order.group_ids[wanted], order.priorities[wanted], order.stages[wanted])


def _take(found: FalseReportsReport, desk: Desk, topic: int | None) -> None:
    """The next group: of the queue as it draws, or the first of a topic that is free."""
    order, at, service = order_of(found, desk, topic), data.moment(), found.service
    desk.put_down()
    if topic is None:
        desk.claim = _asked(
            desk,
            lambda store: claim_next(store, service, who(), order=order, at=at),
            quick=True,
        )
        return

    # Not `claim_next`: what is drawn at random must be drawn from all groups, not from a topic's.
    def first(store: Engine) -> Claim | None:
        for group_id in order.group_ids[:_TRIED].tolist():
            try:
                return claim(store, service, group_id, who(), at=at)
            except ReviewConflictError:
                continue  # somebody else's, or needs no vote of this reviewer
        return None

    desk.claim = _asked(desk, first, quick=True)


def _give_back(service: str, desk: Desk) -> None:
    held = desk.claim
    if held is not None:
        _asked(desk, lambda store: release(store, service, held.group_id, who()), quick=True)
    desk.put_down()


def _asked(
    desk: Desk, action: Callable[[Engine], T], *, quick: bool = False, drop: bool = False
) -> T | None:
    """What an action gives; None where it is refused, which is then told.

    Args:
        desk: where it is told.
        action: what is done.
        quick: it changes nothing that a report shows, so that none need be worked out anew.
        drop: a conflict means that the group at hand is not this reviewer's any more.
    """
    try:
        answer = data.act(action, quick=quick)
    except FieldsError as error:
        said = [f"{name.capitalize()}: {problem}" for name, problem in error.problems.items()]
        desk.tell("Nothing was stored.", said, good=False)
    except ReviewConflictError as error:
        desk.tell(f"Nothing was stored on group {error.group_id}. {error}", good=False)
        if drop:
            desk.put_down()
    else:
        if not isinstance(answer, Problem):
            return answer
        desk.tell(f"Nothing was stored. {answer.sentence}", good=False)
    return None
