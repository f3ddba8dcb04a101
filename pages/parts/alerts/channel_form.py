"""The form of a channel. Its address is a secret: it goes in and never comes out again."""

from __future__ import annotations

from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.access import Permission
from core.fields import FieldsError
from core.ports.alerts import SEVERITIES
from db.team.channels import (
    ChannelConflictError,
    ChannelRefusedError,
    StoredChannel,
    change,
    create,
)
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft

_FIELDS = (
    *("channel_id", "name", "address", "everywhere", "severities"),
    *("quiet_from", "quiet_until", "zone", "drills", "enabled", "by"),
)


def form(chosen: StoredChannel | None, service: str) -> None:
    """The fields of a channel, or of one that is to be added."""
    draft = Draft(f"alert channel·{'' if chosen is None else chosen.channel.channel_id}")
    draft.begin(_begins(chosen), channel=chosen)
    with st.form(draft.key("form"), border=False):
        left, right = st.columns(2, gap="medium")
        with left:
            if chosen is None:
                _text(draft, "channel_id", "Id, e.g. oncall-telegram")
            _text(draft, "name", "Name")
            st.text_input(
                "Address (an Apprise URL, or env:NAME)",
                key=draft.key("address"),
                type="password",
                placeholder="" if chosen is None else "empty: it stays as it is",
            )
            draft.problem("address")
            st.checkbox("For every service", key=draft.key("everywhere"))
            draft.problem("service")
        with right:
            st.multiselect("Takes", SEVERITIES, key=draft.key("severities"))
            draft.problem("severities")
            begin, end = st.columns(2)
            begin.text_input("Tickets wait from", key=draft.key("quiet_from"), placeholder="22:00")
            end.text_input("until", key=draft.key("quiet_until"), placeholder="08:00")
            draft.problem("quiet_from", "quiet_until")
            _text(draft, "zone", "In the time zone")
            st.checkbox("Hears of drills", key=draft.key("drills"))
            st.checkbox("Switched on", key=draft.key("enabled"))
        _text(draft, "by", "Who")
        draft.other_problems((*_FIELDS, "service"))
        word = "Add the channel" if chosen is None else "Store the channel"
        sent = st.form_submit_button(word, type="primary")
    draft.outcome()
    if sent:
        _send(draft, service)


def _text(draft: Draft, field: str, label: str) -> None:
    st.text_input(label, key=draft.key(field))
    draft.problem(field)


def _begins(chosen: StoredChannel | None) -> dict[str, Any]:
    if chosen is None:
        return {
            **dict.fromkeys(("channel_id", "name", "address", "quiet_from", "quiet_until"), ""),
            "everywhere": True,
            "severities": list(SEVERITIES),
            "zone": "UTC",
            "drills": True,
            "enabled": True,
            "by": "",
        }
    channel, quiet = chosen.channel, chosen.channel.quiet
    return {
        "channel_id": channel.channel_id,
        "name": channel.name,
        "address": "",
        "everywhere": not channel.service,
        "severities": list(channel.severities),
        "quiet_from": f"{quiet.start:%H:%M}" if quiet else "",
        "quiet_until": f"{quiet.end:%H:%M}" if quiet else "",
        "zone": quiet.zone if quiet else "UTC",
        "drills": channel.drills,
        "enabled": channel.enabled,
        "by": "",
    }


def _send(draft: Draft, service: str) -> None:
    seen: StoredChannel | None = draft.seen("channel")
    fields = [name for name in _FIELDS if seen is None or name != "channel_id"]
    typed, at = draft.values(fields), data.moment()
    by, everywhere = typed.pop("by"), typed.pop("everywhere")
    its_own = service if seen is None else seen.channel.service or service
    given = {**typed, "service": "" if everywhere else its_own}

    def store_it(store: Engine) -> StoredChannel:
        if seen is None:
            return create(store, given, by=by, at=at)
        return change(store, seen, given, by=by, at=at)

    try:
        answer = data.act(store_it, Permission.PLAN)
    except FieldsError as error:
        draft.refused(error.problems)
    except ChannelRefusedError as error:
        draft.refused({}, f"Nothing was stored. {error}")
    except ChannelConflictError as error:
        draft.refused({}, f"Nothing was stored. {error}")
        if seen is not None and error.stored is not None:
            before, theirs = _begins(seen), _begins(error.stored)
            kept = draft.values(list(before))
            mine = {name: value for name, value in kept.items() if value != before[name]}
            draft.refill(theirs | mine, channel=error.stored)
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(f"Stored at {wording.clock(at)}: {answer.address}")
            draft.refill(_begins(None if seen is None else answer), channel=seen and answer)
    st.rerun()
