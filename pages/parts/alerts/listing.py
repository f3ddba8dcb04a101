"""Every open alert in one line, the gravest first."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.alerts import sentences
from core.alerts.report import AlertsReport, Shown
from pages.parts.alerts.choice import look_at
from pages.parts.alerts.words import chip
from pages.parts.markdown import plain

#: More lines than these are for the terminal and the table of the history.
MOST = 25
_WIDTHS = [1.1, 6, 2.9, 1.1]


def listing(found: AlertsReport, opened: Shown | None) -> None:
    """The open alerts; what calls nobody is below what does."""
    if not found.open:
        _nothing(found)
        return
    for one in found.open[:MOST]:
        _line(one, found, is_open=opened is not None and opened.episode == one.episode)
    if len(found.open) > MOST:
        st.caption(f"And {len(found.open) - MOST} more: python cli.py evidence alerts")


def _nothing(found: AlertsReport) -> None:
    last = found.health.last
    if found.health.late or last is None:
        st.markdown(":gray[:material/help: **Nothing is known to fire**] · rules are not evaluated")
        return
    due = sum(rule.enabled for rule in found.rules)
    number = wording.number_word(last.rules)
    of = number if last.rules >= due else f"{number} of {due}"
    st.markdown(
        f":blue[:material/check_circle: **Nothing fires**] · {of} rules were due and evaluated for "
        f"{wording.clock(last.at, found.as_of)}"
    )


def _line(one: Shown, found: AlertsReport, *, is_open: bool) -> None:
    episode = one.episode
    with st.container(key=f"alert_line_{episode.episode_id}"):
        mark, said, who, look = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
        mark.markdown(chip(episode))
        text = plain(sentences.sentence(one, found))
        said.markdown(f"**{text}**" if one.calls else text)
        who.caption(plain(_who(one, found)))
        if is_open:
            look.markdown(":gray[:material/arrow_downward: below]")
        else:
            look.button(
                "Open",
                key=f"look_{episode.episode_id}",
                on_click=look_at,
                args=(found.service, episode.episode_id),
                type="tertiary",
                icon=":material/arrow_forward:",
            )


def _who(one: Shown, found: AlertsReport) -> str:
    hand = sentences.in_hand(one, found)
    nobody = "nobody has it in hand" if one.calls else ""
    return "; ".join(part for part in (sentences.state(one, found), hand or nobody) if part)
