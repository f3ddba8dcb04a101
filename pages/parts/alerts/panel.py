"""One alert, opened: what is the matter, its chart, what else changed, and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import streamlit as st

from core import wording
from core.alerts import sentences
from core.alerts.around import Happening
from core.alerts.report import AlertsReport, Shown
from core.charts import alerts as charts
from core.charts.tokens import Palette
from core.ports import Release
from core.ports.alerts import Act, Delivery, Episode
from core.timeframe import HOUR, MINUTE, Window, floor_to, write_time
from pages.parts import data
from pages.parts.alerts.acts import note
from pages.parts.alerts.choice import look_at
from pages.parts.alerts.words import chip, icon_of
from pages.parts.data import Background, Detail, Problem
from pages.parts.markdown import plain
from pages.parts.view import View, floor_to_window

#: The page that shows more of what a kind of rule is about, and what the link is called.
_PAGES = {
    "slo_burn": ("pages/reliability.py", "Latency and SLA at this time"),
    "liveness": ("pages/reliability.py", "Latency and SLA at this time"),
    "counter": ("pages/reliability.py", "Latency and SLA at this time"),
    "quality": ("pages/quality.py", "Quality at this time"),
    "product": ("pages/experiment.py", "The experiment at this time"),
    "plan": ("pages/overview.py", "The plan at this time"),
}
#: Of what else happened, the nearest.
MOST_HAPPENED = 8
_HAPPENED = [1.3, 5, 0.8]


def panel(
    found: AlertsReport, shown: Shown, beside: Background, view: View, theme: Palette
) -> None:
    """What somebody needs who has just been woken."""
    episode = shown.episode
    with st.container(gap="xsmall"):
        st.markdown(chip(episode))
        st.markdown(f"#### {plain(sentences.sentence(shown, found))}")
        st.caption(plain(_state(shown, found)))
    hand = sentences.in_hand(shown, found)
    if hand:
        st.markdown(f":material/person: {plain(hand)}")
    elif episode.state != "resolved":
        st.markdown(":material/person_off: **Nobody has it in hand.**")
    more = data.detail(found, shown, beside)
    if isinstance(more, Problem):
        st.warning(f"Its chart cannot be read: {plain(more.sentence)}", icon=":material/cloud_off:")
        more = Detail(None, ())
    _figure(found, shown, more, theme)
    _links(shown, view)
    _happened(more.happened, found, episode)
    _deliveries(shown, found)
    _past(shown, found, beside.acts, live=view.live and data.allowed())


def _state(shown: Shown, found: AlertsReport) -> str:
    episode, rule = shown.episode, shown.rule
    owner = "its rule was deleted" if rule is None else f"owner {rule.owner or 'nobody'}"
    if episode.state != "resolved":
        state = sentences.state(shown, found)
    else:
        since = episode.fired_at or episode.began_at
        ended = episode.resolved_at or found.as_of
        by = f" by {episode.resolved_by}" if episode.resolved_by else " by itself"
        state = (
            f"fired {wording.clock(since, found.as_of)}, resolved "
            f"{wording.clock(ended, found.as_of)}{by} after {wording.duration(ended - since)}"
        )
    where = f" · where: {', '.join(episode.where)}" if episode.where else ""
    return f"{state} · rule {episode.rule_id} · {owner}{where} · alert {episode.episode_id}"


def _figure(found: AlertsReport, shown: Shown, more: Detail, theme: Palette) -> None:
    number = shown.episode.episode_id
    figure = data.drawn(
        f"signal {number}",
        found,
        theme.name,
        lambda: charts.signal(more.trace, shown.episode, more.happened, theme),
    )
    with st.container(border=True):
        st.markdown(f"**{figure.title}**")
        if figure.spec is None:
            st.caption(figure.alt)
        else:
            st.vega_lite_chart(figure.spec, width="stretch", alt=figure.alt, key=f"signal_{number}")


def _links(shown: Shown, view: View) -> None:
    """The page that it is about, at this window: what went on before it began included."""
    kind = None if shown.rule is None else shown.rule.kind
    page, label = _PAGES.get(kind or "", _PAGES["slo_burn"])
    episode = shown.episode
    end = min(view.as_of, floor_to((episode.resolved_at or view.as_of) + HOUR, MINUTE))
    length = max(floor_to_window((end - episode.began_at) * 1.5), HOUR)
    window = Window(min(length, timedelta(days=90)))
    query = {"service": view.service, "window": str(window), "as_of": write_time(end)}
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=query)


def _happened(happened: Sequence[Happening], found: AlertsReport, episode: Episode) -> None:
    st.markdown("**What else changed then**")
    if not happened:
        st.caption("No release in the day before it, and no other alert within the hour.")
    for one in happened[:MOST_HAPPENED]:
        with st.container(key=f"also_{episode.episode_id}_{_name(one)}"):
            when, what, look = st.columns(_HAPPENED, gap="small", vertical_alignment="center")
            when.caption(_when(one))
            if one.release is not None:
                what.markdown(f":material/rocket_launch: {plain(_released(one.release))}")
            elif one.episode is not None:
                what.markdown(f"{chip(one.episode)} {plain(one.episode.sentence)}")
                look.button(
                    "Open",
                    key=f"look_also_{episode.episode_id}_{one.episode.episode_id}",
                    on_click=look_at,
                    args=(found.service, one.episode.episode_id),
                    type="tertiary",
                )


def _name(one: Happening) -> str:
    release = "" if one.release is None else one.release.deployment_id
    return f"release {release}" if one.episode is None else f"alert {one.episode.episode_id}"


def _released(release: Release) -> str:
    note = f": {release.note}" if release.note else ""
    place = f" in {release.datacenter}" if release.datacenter else ""
    return f"Release {release.model_version}, {release.stage}{place}{note}"


def _when(one: Happening) -> str:
    """How long before or after the beginning.

    >>> from datetime import UTC
    >>> then = datetime(2026, 6, 1, 3, tzinfo=UTC)
    >>> _when(Happening(then, timedelta(minutes=7))), _when(Happening(then, timedelta(0)))
    ('7 minutes before', 'at the same time')
    """
    if abs(one.before) < MINUTE:
        return "at the same time"
    side = "before" if one.before > timedelta(0) else "after"
    return f"{wording.duration(abs(one.before))} {side}"


def _deliveries(shown: Shown, found: AlertsReport) -> None:
    """Who was told, and what did not arrive."""
    st.markdown("**Notifications**")
    made = shown.deliveries
    if not made:
        if shown.episode.state == "pending":
            st.caption("It has not fired: nobody is told yet.")
        else:
            st.markdown(
                ":orange[:material/notifications_off:] No notification was made: "
                "no channel takes this alert, or it fired before this window."
            )
    with st.container(gap="xsmall"):
        for one in made[:MOST_HAPPENED]:
            st.markdown(f"{icon_of(one)} {plain(delivery_words(one, found.as_of))}")
    if len(made) > MOST_HAPPENED:
        st.caption(f"And {len(made) - MOST_HAPPENED} earlier ones: see Notifications.")


def delivery_words(one: Delivery, as_of: datetime) -> str:
    """What became of a notification, with why where it did not arrive."""
    when = one.sent_at or one.created_at
    tries = "" if one.attempts <= 1 else f", {one.attempts} attempts"
    why = f": {one.error}" if one.error and one.status != "sent" else ""
    return f"{one.event} to {one.channel}: {one.status} {wording.clock(when, as_of)}{tries}{why}"


def _past(shown: Shown, found: AlertsReport, acts: Sequence[Act], *, live: bool) -> None:
    """Every change of its state and everything people said, oldest first."""
    with st.expander("What happened so far"):
        for at, said in sorted(_events(shown, found, acts), key=lambda one: one[0]):
            st.text(f"{wording.clock(at, found.as_of)}  {said}")
        if live:
            note(shown)


def _events(
    shown: Shown, found: AlertsReport, acts: Sequence[Act]
) -> Iterator[tuple[datetime, str]]:
    number = shown.episode.episode_id
    for moved in found.transitions:
        if moved.episode_id == number:
            yield moved.at, f"{moved.after}: {moved.sentence}"
    for taken in found.acknowledgements:
        if taken.episode_id == number:
            note = f": {taken.note}" if taken.note else ""
            until = wording.clock(taken.until, found.as_of)
            yield taken.at, f"{taken.by} has it in hand until {until}{note}"
    for act in acts:
        if act.episode_id == number and act.kind != "resolved":
            who = act.by or "Nobody had acknowledged it"
            to = f" to {act.escalate_to}" if act.escalate_to else ""
            verb = "noted" if act.kind == "note" else f"escalated{to}"
            yield act.at, f"{who}, {verb}: {act.text}" if act.text else f"{who}, {verb}"
