"""Where notifications go and whether they arrive: deliveries, channels, a test of each."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.access import Permission
from core.alerts.report import AlertsReport
from core.ports.alerts import Delivery
from db.notifications.outbox import send_test
from db.team.channels import StoredChannel
from pages.parts import data
from pages.parts.alerts.channel_form import channel_form
from pages.parts.alerts.sending import base_url, send
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, closed, form, require
from pages.parts.markdown import plain
from pages.parts.view import View

_NEW = ""
MOST_ROWS = 200


def routes(found: AlertsReport, view: View) -> None:
    """Channels with their addresses redacted, the newest tests, and every notification."""
    known = data.notification_channels()
    if isinstance(known, Problem):
        st.warning(plain(known.sentence), icon=":material/cloud_off:")
        return
    ours = [one for one in known if one.channel.service in {"", found.service}]
    if not any(one.channel.enabled and "page" in one.channel.severities for one in ours):
        st.error(
            "No channel takes pages of this service: nobody would be called. Add one below.",
            icon=":material/notifications_off:",
        )
    _deliveries(found)
    st.subheader("Channels", anchor=False)
    if known:
        st.dataframe(
            pd.DataFrame([_channel(one) for one in known]), hide_index=True, height="content"
        )
    else:
        st.caption("There is no channel yet.")
    if not view.live:
        st.caption("Channels are as they are now; they are changed on the page of now.")
        return
    if closed(view):
        return
    may_plan = data.allowed(Permission.PLAN)
    named = {one.channel.channel_id: one for one in known}
    offered = [_NEW, *named] if may_plan else list(named)
    if st.session_state.get("alert_channel", _NEW) not in offered:
        st.session_state.pop("alert_channel", None)
    chosen = st.selectbox(
        "Channel to change or to try" if may_plan else "Channel to try",
        offered,
        key="alert_channel",
        format_func=lambda name: named[name].channel.name if name else "a new channel",
    )
    left, right = st.columns([2, 1], gap="medium")
    with left, st.container(border=True):
        if not closed(view, Permission.PLAN):
            channel_form(named.get(chosen), found.service)
    with right, st.container(border=True):
        _test(named.get(chosen), found)


def _deliveries(found: AlertsReport) -> None:
    st.subheader("Notifications", anchor=False)
    failed = [one for one in found.deliveries if one.status == "failed"]
    if failed:
        word = "notification" if len(failed) == 1 else "notifications"
        st.error(
            f"{wording.number_word(len(failed)).capitalize()} {word} of this window never "
            f"arrived; the newest: {plain(failed[0].error)}",
            icon=":material/error:",
        )
    if not found.deliveries:
        st.caption("No notification was made in this window.")
        return
    st.dataframe(
        pd.DataFrame([_delivery(one) for one in found.deliveries[:MOST_ROWS]]),
        hide_index=True,
        column_config={
            "Made": _time("Made (UTC)"),
            "Sent": _time("Sent (UTC)"),
            "Why not": st.column_config.TextColumn(width="large"),
        },
        placeholder="–",
    )
    if len(found.deliveries) > MOST_ROWS:
        st.caption(f"The newest {MOST_ROWS} of {len(found.deliveries)}.")


def _time(label: str) -> Any:
    return st.column_config.DatetimeColumn(label, format="D MMM HH:mm:ss", timezone="UTC")


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "Made": one.created_at,
        "Alert": one.episode_id,
        "Event": one.event,
        "Channel": one.channel,
        "Status": one.status,
        "Attempts": one.attempts,
        "Sent": one.sent_at,
        "Why not": one.error,
    }


def _channel(one: StoredChannel) -> dict[str, Any]:
    quiet = one.channel.quiet
    return {
        "Channel": one.channel.channel_id,
        "Name": one.channel.name,
        "Address": one.address,
        "Service": one.channel.service or "every service",
        "Takes": ", ".join(one.channel.severities),
        "Tickets wait": f"{quiet.start:%H:%M} to {quiet.end:%H:%M} {quiet.zone}"
        if quiet
        else "never",
        "Drills": one.channel.drills,
        "On": one.channel.enabled,
        "Changed by": one.changed_by,
    }


def _test(chosen: StoredChannel | None, found: AlertsReport) -> None:
    """A notification that says that nothing is the matter, and what became of the newest ones."""
    st.markdown("**Does it arrive?**")
    if chosen is None:
        st.caption("Choose a channel to send it a test.")
    else:
        _send_test(chosen)
    sent = data.sent_tests()
    for one in () if isinstance(sent, Problem) else sent[:5]:
        why = f": {one.error}" if one.error and one.status != "sent" else ""
        when = wording.clock(one.sent_at or one.created_at, found.as_of)
        st.text(f"{one.channel}: {one.status} {when}{why}")


def _send_test(chosen: StoredChannel) -> None:
    channel = chosen.channel
    draft = Draft(f"alert test·{channel.channel_id}")
    draft.begin({"by": ""})
    with form(
        draft, Button("Send a test notification", ":material/send:"), asks="Who tries it"
    ) as sent:
        pass
    if not sent:
        return
    require(sent, "by")
    by, at = sent.by.strip(), sent.at
    send(
        draft,
        lambda store: send_test(store, channel.channel_id, by=by, at=at, base_url=base_url()),
        lambda key: f"Queued at {wording.clock(at)}; the worker sends it within the minute.",
    )
