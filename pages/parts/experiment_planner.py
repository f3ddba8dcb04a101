"""The planner of the next experiment: base rate, users a day, margin and power to days."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from core import wording
from core.experiment import ExperimentReport, Metric
from core.experiment.metrics import PER_LETTER, metric_named
from core.experiment.planner import LONGEST_DAYS, Assumptions, Plan, plan
from core.experiment.words import days_words, margin_words
from core.stats.sequential import Rule

#: What the fields begin with where no experiment tells: a mail service's orders of magnitude.
_BEGIN = Assumptions(
    base_rate=1e-4,
    users_a_day=1_000_000,
    per_user=25.0,
    spread=2.0,
    margin=-0.05,
    lift=-0.08,
)
#: How many of the denominator come with a day of a user.
_EXPOSED = {
    "letters": "Letters per user-day",
    "active_users": "User-days per user-day",
    "new_users": "New users per user-day",
}
#: The fields take nothing that no plan can be made from.
_LEAST, _MOST, _MOST_USERS = 1e-9, 1e12, 10**12
#: Hoped-for lifts that the table compares, as multiples of the distance to the margin.
_STEPS = (0.5, 0.75, 1.0, 1.5, 2.0)


@st.fragment
def planner(found: ExperimentReport) -> None:
    """Number inputs on the left, what comes of them on the right."""
    known = found.detail.assumptions
    metric = PER_LETTER if known is None else metric_named(found.definition.primary.metric)
    with st.container(border=True):
        st.markdown(f"**Plan the next experiment on {metric.label.lower()}**")
        left, right = st.columns([3, 2], gap="medium")
        with left:
            given = _asked(known or _BEGIN, metric, f"planner·{found.service}·{found.experiment}·")
            if known is not None:
                st.caption("The fields begin with what the experiment above has shown so far.")
        with right:
            _answer(given, found.settings.rule)


def _asked(known: Assumptions, metric: Metric, key: str) -> Assumptions:
    first, second, third = st.columns(3)
    with first:
        rate = _positive(f"Control: {metric.unit}", known.base_rate * metric.per, f"{key}rate")
        users = _whole("User-days a day", known.users_a_day, _MOST_USERS, 10_000, f"{key}users")
        exposed = _positive(_EXPOSED[metric.denominator], known.per_user, f"{key}exposed")
    with second:
        margin = _percent("Margin, %", known.margin, (-90.0, 90.0), f"{key}margin")
        lift = _percent("Hoped-for true lift, %", known.lift, (-90.0, 90.0), f"{key}lift")
        power = _percent("Power, %", known.power, (50.0, 99.0), f"{key}power")
    with third:
        treated = _percent("Share in treatment, %", known.treated, (1.0, 99.0), f"{key}treated")
        least = _whole("Days at least", known.minimum_days, LONGEST_DAYS, 1, f"{key}least")
        spread = _positive(
            "Spread",
            known.spread,
            f"{key}spread",
            "How many times the variance of independent events: the same people complain again.",
        )
    return Assumptions(
        base_rate=rate / metric.per,
        users_a_day=float(users),
        per_user=exposed,
        spread=spread,
        margin=margin,
        lift=lift,
        power=power,
        treated=treated,
        minimum_days=least,
    )


def _whole(label: str, value: float, most: int, step: int, key: str) -> int:
    shown = min(max(round(value), 1), most)
    return st.number_input(label, 1, most, shown, step=step, key=key)


def _positive(label: str, value: float, key: str, about: str | None = None) -> float:
    shown = min(max(float(f"{value:.4g}"), _LEAST), _MOST)
    return st.number_input(
        label, _LEAST, _MOST, shown, step=0.1, format="%.4g", key=key, help=about
    )


def _percent(label: str, share: float, bounds: tuple[float, float], key: str) -> float:
    low, high = bounds
    shown = min(max(round(share * 100, 2), low), high)
    return st.number_input(label, low, high, shown, step=0.5, format="%.4g", key=key) / 100


def _answer(given: Assumptions, rule: Rule) -> None:
    made = plan(given, rule)
    st.markdown(f"##### {_sentence(made, given)}")
    st.dataframe(
        pd.DataFrame([_row(step, given, rule) for step in _STEPS]),
        hide_index=True,
        height="content",
    )
    if made.s_plan is not None:
        st.text(f"To freeze before the start: s_plan {made.s_plan:.5f}, computed from")
        st.text(made.assumption)


def _sentence(made: Plan, given: Assumptions) -> str:
    margin = margin_words(given.margin)
    if made.needed is None:
        return f"A true lift of {margin} can never be told from a margin of {margin}"
    if made.days is None:
        weeks = wording.about(made.needed / 7)
        return f"Longer than a year: about {weeks} weeks. Ask for less, or bring more users"
    return f"{days_words(made.days).capitalize()}, in whole weeks"


def _row(step: float, given: Assumptions, rule: Rule) -> dict[str, str]:
    """The plan, were the lift nearer to the margin or further from it."""
    lift = given.margin + step * (given.lift - given.margin)
    made = plan(replace(given, lift=lift), rule)
    return {
        "True lift": margin_words(lift),
        "Planned days": "over a year" if made.days is None else str(made.days),
        "s_plan": "–" if made.s_plan is None else f"{made.s_plan:.5f}",
        "Power": "–" if made.power is None else wording.percent(made.power, 0),
    }
