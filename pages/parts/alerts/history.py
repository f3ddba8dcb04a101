"""How alerts went: how fast somebody came, how long they lasted, which rules nobody heeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.alerts import sentences
from core.alerts.history import FEWEST_EPISODES, NOISY, Times
from core.alerts.report import AlertsReport
from core.charts import alerts as charts
from core.charts.tokens import Palette
from core.ports.alerts import Episode
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.markdown import plain

#: The table holds the newest; the rest is in the terminal and the export.
MOST_ROWS = 300


def history(found: AlertsReport, theme: Palette) -> None:
    """Numbers, the strip of episodes, noise by rule, and every episode."""
    past = found.history
    fired, taken, over = st.columns(3, gap="small")
    with fired:
        drills = f"; {past.drills} by drills are not counted" if past.drills else ""
        _number("Alerts that fired", wording.whole(past.fired), f"in this window{drills}")
    with taken:
        _number("Time to acknowledge (MTTA)", _mean(past.acknowledged), _rest(past.acknowledged))
    with over:
        _number("Time to resolve (MTTR)", _mean(past.resolved), _rest(past.resolved))
    figure = data.drawn("strip", found, theme.name, lambda: charts.strip(found, theme))
    chart(figure, key=f"strip_{found.service}")
    _noise(found)
    _episodes(found)


def _number(name: str, value: str, note: str) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{name}**")
        st.markdown(f"### {value}")
        st.caption(note)


def _mean(times: Times) -> str:
    return sentences.length(times.mean)


def _rest(times: Times) -> str:
    if times.mean is None:
        return f"{times.open} without"
    middle = sentences.length(times.median)
    return f"mean of {times.count}; median {middle}; {times.open} without"


def _noise(found: AlertsReport) -> None:
    """How often nobody acted, by rule, and what to do about the noisiest."""
    st.subheader("Noise by rule", anchor=False)
    for one in found.history.proposals:
        st.warning(plain(one.sentence), icon=":material/delete_sweep:")
    if not found.history.noise:
        st.caption("No rule fired in this window.")
        return
    names = {rule.rule_id: rule.name for rule in found.rules}
    rows = [
        {
            "Rule": one.rule_id,
            "Name": names.get(one.rule_id, "deleted"),
            "Alerts": one.episodes,
            "Nobody acted": one.ignored,
            "Noise": float(one.share) * 100,
            "Fired again": one.flaps,
        }
        for one in found.history.noise
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Noise": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
        },
    )
    st.caption(
        "Nobody acted: nobody acknowledged, silenced, escalated, resolved by hand or added it to "
        f"an incident. A rule is proposed to be retired from {FEWEST_EPISODES} alerts on, if "
        f"nobody acted on {wording.percent(NOISY, 0)} of them; pages of a burning error budget "
        "never are."
    )


def _episodes(found: AlertsReport) -> None:
    st.subheader("Every alert", anchor=False)
    if not found.episodes:
        st.caption("No alert ran in this window.")
        return
    st.dataframe(
        pd.DataFrame([_row(one, found) for one in found.episodes[:MOST_ROWS]]),
        hide_index=True,
        column_config={
            "Began": st.column_config.DatetimeColumn(
                "Began (UTC)", format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "What": st.column_config.TextColumn(width="large"),
            "Look": st.column_config.LinkColumn(display_text="look"),
        },
    )
    if len(found.episodes) > MOST_ROWS:
        st.caption(f"The newest {MOST_ROWS} of {len(found.episodes)}.")


def _row(one: Episode, found: AlertsReport) -> dict[str, Any]:
    ended = one.resolved_at or found.as_of
    by = f" by {one.resolved_by}" if one.resolved_by else ""
    query = {"service": found.service, "episode": one.episode_id}
    return {
        "Began": one.began_at,
        "Look": f"/alerts?{urlencode(query)}",
        "Severity": f"{one.severity}, drill" if one.drill else one.severity,
        "State": f"{one.state}{by}",
        "Lasted": wording.duration(ended - (one.fired_at or one.began_at)),
        "Rule": one.rule_id,
        "What": one.sentence,
    }
