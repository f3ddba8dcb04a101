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
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Sent, form


def channel_form(chosen: StoredChannel | None, service: str) -> None:
    """The fields of a channel, or of one that is to be added."""
    draft = Draft(f"alert channel·{'' if chosen is None else chosen.channel.channel_id}")
    draft.begin(_begins(chosen), channel=chosen)
    word = "Add the channel" if chosen is None else "Store the channel"
    with form(draft, Button(word, primary=True)) as sent:
        left, right = st.columns(2, gap="medium")
        with left:
            if chosen is None:
                draft.text_input("Id, e.g. oncall-telegram", "channel_id")
            draft.text_input("Name", "name")
            draft.text_input(
                "Address (an Apprise URL, or env:NAME)",
                "address",
                type="password",
                placeholder="" if chosen is None else "empty: it stays as it is",
            )
            draft.checkbox("For every service", "everywhere")
            draft.problem("service")
        with right:
            draft.multiselect("Takes", SEVERITIES, "severities")
            begin, end = st.columns(2)
            with begin:
                draft.text_input("Tickets wait from", "quiet_from", placeholder="22:00")
            with end:
                draft.text_input("until", "quiet_until", placeholder="08:00")
            draft.text_input("In the time zone", "zone")
            draft.checkbox("Hears of drills", "drills")
            draft.checkbox("Switched on", "enabled")
    if sent:
        _send(sent, service)


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


def _send(sent: Sent, service: str) -> None:
    draft = sent.draft
    seen: StoredChannel | None = draft.seen("channel")
    its_own = service if seen is None else seen.channel.service or service
    given = {name: value for name, value in sent.given.items() if name != "everywhere"}
    given["service"] = "" if sent.given["everywhere"] else its_own

    def store_it(store: Engine) -> StoredChannel:
        if seen is None:
            return create(store, given, **sent.signed)
        return change(store, seen, given, **sent.signed)

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
            draft.accepted(f"Stored at {wording.clock(sent.at)}: {answer.address}")
            draft.refill(_begins(None if seen is None else answer), channel=seen and answer)
    st.rerun()
