"""The tables of the Latency and SLA page."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.ports import Slice
from core.reliability import ReliabilityReport, sentences
from core.reliability.report import percentiles_of, share_good
from core.timeframe import Window, write_time
from pages.parts.view import View, floor_to_window


def burn_rates(found: ReliabilityReport) -> None:
    """The four policies: what each means, both indicators, and its state."""
    rows = []
    for policy in found.settings.policies:
        of_policy = {alert.kind: alert for alert in found.alerts if alert.policy is policy}
        states = {kind: sentences.alert_state(alert, found) for kind, alert in of_policy.items()}
        same = len(set(states.values())) == 1
        rows.append(
            {
                "Policy": f"{policy.severity} {Window(policy.long)} and {Window(policy.short)}",
                "What it means": sentences.meaning(policy),
                "Fires above": float(policy.factor(found.settings.period)),
                "Availability": wording.rate(of_policy["availability"].long_burn),
                "Latency": wording.rate(of_policy["latency"].long_burn),
                "State": states["availability"]
                if same
                else "; ".join(f"{kind} {state}" for kind, state in states.items()),
            }
        )
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{sentences.burn_title(found)}**")
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "Fires above": st.column_config.NumberColumn(format="%.1f"),
                "Availability": st.column_config.TextColumn(
                    "Availability burns", alignment="right"
                ),
                "Latency": st.column_config.TextColumn("Latency burns", alignment="right"),
            },
        )
        st.caption(
            "Burn rate over the long window. 1 spends the 30-day budget in exactly 30 days; "
            "14.4 spends 2 % of it in an hour. Both windows must be above."
        )
        for sli in found.slis.values():
            left = sentences.remaining(sli.period.remaining, "the 30-day budget")
            st.markdown(f"**{sli.kind.capitalize()}:** {left}; {sentences.exhaustion(sli)}.")
        low, high = found.slis["availability"].low, found.slis["availability"].high
        if low is not None and high is not None and low != high:
            st.caption(
                f"With the missing rows, availability lies between {wording.percent(low, 4)} (all "
                f"their letters failed) and {wording.percent(high, 4)} (none did)."
            )


def headroom(found: ReliabilityReport) -> None:
    """What each datacenter has carried, and what is left without it."""
    left_without = {left.lost: left for left in found.load.headroom}
    rows = [
        {
            "Datacenter": name,
            "Carried within both objectives": None if carried is None else carried.rpm,
            "When": None if carried is None else carried.at,
            "Left if it is lost": left_without[name].carried_rpm if name in left_without else None,
            "Enough for the peak": "yes"
            if name in left_without and left_without[name].enough
            else "no",
        }
        for name, carried in found.load.by_datacenter.items()
    ]
    worst = found.load.worst_loss
    title = (
        "One datacenter carries everything"
        if worst is None
        else f"Without {worst.lost}, the others have shown {wording.count(worst.carried_rpm)}"
        " letters a minute"
    )
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{title}**")
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "Carried within both objectives": st.column_config.NumberColumn(format="localized"),
                "When": st.column_config.DatetimeColumn(
                    "When (UTC)", format="D MMM HH:mm", timezone="UTC"
                ),
                "Left if it is lost": st.column_config.NumberColumn(format="localized"),
            },
            placeholder="–",
        )
        st.caption(
            "Letters a minute, the highest that was held for 5 minutes. It is what has been shown, "
            "not what is possible: a drill shows more."
        )


def where(found: ReliabilityReport, view: View) -> None:
    """The window by datacenter, instance and model version."""
    st.subheader("Where", anchor=False)
    tabs = st.tabs(["Datacenter", "Instance", "Model version"])
    parts = (found.by_datacenter, found.by_instance, found.by_version)
    for tab, name, slices in zip(
        tabs, ("Datacenter", "Instance", "Model version"), parts, strict=True
    ):
        with tab:
            _breakdown(name, slices, found)
    st.caption(f"Exact sums over the {view.window.last} to {wording.clock(view.as_of)}.")


def incidents(found: ReliabilityReport, view: View) -> None:
    """What each incident and each release cost, each with a link to its minutes."""
    rows: list[dict[str, Any]] = []
    for episode in found.episodes:
        name = "no rows" if episode.kind == "missing" else episode.kind
        rows.append(
            {
                "When": episode.span.start,
                "What": f"{name}{f', {episode.where} only' if episode.where else ''}",
                "Minutes": episode.span.minutes,
                "Bad letters": episode.bad if episode.kind != "missing" else None,
                "Share of the 30-day budget": float(episode.share) * 100
                if episode.kind != "missing"
                else None,
                "Look": _link(view, episode.span.start, episode.span.end),
            }
        )
    for cost in found.releases:
        rows.append(
            {
                "When": cost.release.deployed_at,
                "What": f"{cost.release.stage} of {cost.release.model_version}, first day",
                "Minutes": (cost.until - cost.release.deployed_at) // timedelta(minutes=1),
                "Bad letters": sum(cost.bad.values()),
                "Share of the 30-day budget": max(map(float, cost.share.values())) * 100,
                "Look": _link(view, cost.release.deployed_at, cost.until),
            }
        )
    st.subheader("What incidents and releases cost", anchor=False)
    if not rows:
        st.caption("No incident, no gap and no release in this window.")
        return
    table = pd.DataFrame(sorted(rows, key=lambda row: row["When"], reverse=True))
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "When": st.column_config.DatetimeColumn(
                "When (UTC)", format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "Bad letters": st.column_config.NumberColumn(format="localized"),
            "Share of the 30-day budget": st.column_config.NumberColumn(format="%.2f %%"),
            "Look": st.column_config.LinkColumn(display_text="look there"),
        },
        placeholder="unknown",
    )


def months(found: ReliabilityReport) -> None:
    """Calendar months, with planned maintenance and without."""
    st.subheader("By calendar month", anchor=False)
    rows = []
    for month in found.months:
        name = f"{month.first_day:%B %Y}" + ("" if month.complete else ", so far")
        row: dict[str, Any] = {"Month (UTC)": name, "Letters": month.letters}
        within = f"Within {found.settings.target_ms:g} ms"
        for kind, label in (("availability", "Availability"), ("latency", within)):
            value, without = month.slis[kind], month.without_maintenance[kind]
            left = month.budgets[kind].remaining
            row[label] = "–" if value is None else wording.percent(value, 4)
            if kind == "availability":
                row["Without maintenance"] = "–" if without is None else wording.percent(without, 4)
            row[f"Budget left, {kind}"] = _left(left)
        row["Maintenance"] = f"{month.maintenance_minutes} min"
        row["Coverage"] = "–" if month.coverage is None else wording.percent(month.coverage)
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Letters": st.column_config.NumberColumn(format="compact")},
    )


def _breakdown(name: str, slices: tuple[Slice, ...], found: ReliabilityReport) -> None:
    bad_in_all = found.errors + found.slow
    rows = []
    for part in slices:
        available = share_good(part.errors, part.letters)
        within = share_good(part.slow, part.letters - part.errors)
        latency = percentiles_of(part.cells)
        rows.append(
            {
                name: part.key,
                "Letters": part.letters,
                "Availability": "–" if available is None else wording.percent(available, 4),
                f"Within {found.settings.target_ms:g} ms": "–"
                if within is None
                else wording.percent(within, 4),
                "p50": latency["p50"],
                "p99": latency["p99"],
                "p99.99": latency["p99.99"],
                "Share of bad letters": (part.errors + part.slow) / bad_in_all * 100
                if bad_in_all
                else 0.0,
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Letters": st.column_config.NumberColumn(format="compact"),
            "p50": st.column_config.NumberColumn("p50, ms", format="%.1f"),
            "p99": st.column_config.NumberColumn("p99, ms", format="%.1f"),
            "p99.99": st.column_config.NumberColumn("p99.99, ms", format="%.1f"),
            "Share of bad letters": st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100
            ),
        },
    )


def _left(remaining: Fraction | None) -> str:
    """What is left of a month's budget, short."""
    if remaining is None:
        return "–"
    if remaining < 0:
        return f"spent {wording.rate(1 - remaining)} times"
    return wording.percent(remaining, 0)


def _link(view: View, start: datetime, end: datetime) -> str:
    """The same page around a stretch of time, with some calm before and after it."""
    length = max(end - start, timedelta(minutes=10))
    shown = max(floor_to_window(length * 3), timedelta(minutes=30))
    as_of = (start + length / 2 + shown / 2).replace(second=0, microsecond=0)
    query = {
        "service": view.service,
        "window": str(Window(shown)),
        "as_of": write_time(min(as_of, view.as_of)),
    }
    return f"/reliability?{urlencode(query)}"
