"""Who is on call now, who comes next, who is called instead; and the same of every service."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.oncall import Duty, OnCallReport
from core.oncall.escalation import chain
from pages.parts.markdown import plain
from pages.parts.oncall.words import local, zone_of
from pages.parts.prose_table import prose_table

#: More warnings than these are in the terminal and in the table of shifts.
MOST = 6


def notices(found: OnCallReport) -> None:
    """Where nobody is on call, warned about in advance; and who is on call twice."""
    for warning in found.warnings[:MOST]:
        st.warning(plain(warning), icon=":material/person_off:")
    if len(found.warnings) > MOST:
        st.caption(f"And {len(found.warnings) - MOST} more: python cli.py evidence oncall")
    for note in found.notes[:MOST]:
        st.caption(f":material/info: {plain(note)}")


def now(duty: Duty, found: OnCallReport) -> None:
    """The service's duty in four facts."""
    st.markdown(f"#### {plain(duty.service)}")
    facts = (
        ("On call now", *_now(duty)),
        ("Next", *_next(duty)),
        ("If nobody acknowledges", *_escalation(duty, found)),
        ("The next 14 days", *_gaps(duty)),
    )
    for at, (column, fact) in enumerate(zip(st.columns(len(facts)), facts, strict=True)):
        name, value, note = fact
        with column, st.container(border=True, height="stretch", key=f"duty_{at}", gap="xsmall"):
            st.markdown(f"**{name}**")
            st.markdown(f"### {value}")
            st.caption(note)


def _now(duty: Duty) -> tuple[str, str]:
    if duty.now is None or not duty.now.member:
        return ":red[:material/person_off: nobody]", plain(duty.sentence)
    zone = zone_of(duty.rota)
    until = f"until {local(duty.now.end, zone)} ({zone.key})"
    override = duty.now.override
    if override is not None and duty.now.scheduled not in {"", duty.now.member}:
        until += f", instead of {duty.now.scheduled}"
    if override is not None and override.reason:
        until += f": {override.reason}"
    return f":material/person: {plain(duty.now.member)}", plain(until)


def _next(duty: Duty) -> tuple[str, str]:
    if not duty.upcoming:
        return "–", "No shift follows."
    following, zone = duty.upcoming[0], zone_of(duty.rota)
    since = f"from {local(following.start, zone)} ({zone.key})"
    if not following.member:
        return ":red[:material/person_off: nobody]", plain(f"{since}. {following.why_nobody}")
    return f":material/person: {plain(following.member)}", plain(since)


def _escalation(duty: Duty, found: OnCallReport) -> tuple[str, str]:
    rota = duty.rota
    if rota is None:
        return "nobody", "Without a rota nobody can be called instead."
    called = chain(rota, duty.overrides, found.as_of)
    if not called:
        return ":orange[:material/person_off: nobody]", "Name somebody whom an escalation calls."
    wait = wording.duration(rota.escalate_after)
    others = f", then {wording.listing(list(called[1:]))}" if called[1:] else ""
    told = f"after {wording.duration(rota.escalate_after)}{others}, each after {wait} more"
    return f":material/call: {plain(called[0])}", plain(told if others else f"after {wait}")


def _gaps(duty: Duty) -> tuple[str, str]:
    if not duty.gaps:
        return ":blue[:material/check_circle: no gap]", "Somebody is on call at every moment."
    zone, first = zone_of(duty.rota), duty.gaps[0]
    word = "gap" if len(duty.gaps) == 1 else "gaps"
    said = f"The first from {local(first.start, zone)} to {local(first.end, zone)}. {first.why}"
    return f":red[:material/error: {len(duty.gaps)} {word}]", plain(said)


def services(found: OnCallReport) -> None:
    """One row a service."""
    if len(found.duties) < 2:
        return
    st.markdown("**Every service**")
    rows = [
        {
            "Service": duty.service,
            "On call now": duty.now.member if duty.now and duty.now.member else "nobody",
            "Until (UTC)": None if duty.now is None else duty.now.end,
            "Gaps in 14 days": len(duty.gaps),
            "What it says": duty.sentence,
        }
        for duty in found.duties
    ]
    prose_table(rows, alt="Who is on call for each service.")
    st.caption("Choose a service at the left to see and change its rota.")
