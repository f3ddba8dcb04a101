"""The newest shadow run: what it has to show, how far both agree, and who is right."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pandas as pd
import streamlit as st

from core import wording
from core.charts import life_cycle as charts
from core.charts.tokens import Palette
from core.life_cycle import LifeCycleReport, ShadowRun, sentences, stages
from core.life_cycle.shadow import Part
from core.status import Status
from pages.parts import data
from pages.parts.cards import chart, chip
from pages.parts.markdown import plain

_NUMBER = st.column_config.NumberColumn
EMPTY = (
    "No shadow run has rows in metrics.shadow_hour. While a candidate runs beside production, the "
    "serving stack writes a row an hour and segment: letters by both decisions, the candidate's "
    "failures and late answers, and letters whose handling it changed, which must stay 0."
)


def shadow(found: LifeCycleReport, theme: Palette) -> None:
    """Cards, charts, segments, candidate beside production, who is right, earlier runs."""
    run = found.standing.run
    if run is None:
        st.caption(EMPTY)
        return
    names = f"{plain(run.candidate)} beside {plain(run.production)}"
    st.markdown(f"#### {names}: {_state(run)}")
    st.caption(plain(sentences.coverage(run)))
    _cards(found, run)
    left, right = st.columns(2, gap="small")
    with left:
        figure = data.drawn("matrix", found, theme.name, lambda: charts.matrix(run, theme))
        chart(figure, key="shadow_matrix")
    with right:
        figure = data.drawn("over time", found, theme.name, lambda: charts.over_time(run, theme))
        chart(figure, key="shadow_over_time")
    st.caption(plain(f"{sentences.moved(run)} {sentences.exactness(run)}"))
    _segments(run)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        _beside(found)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(sentences.right_title(found.judged, found.bounds))}**")
        for said in sentences.right(found.judged, found.bounds):
            st.caption(plain(said))
    _earlier(found)


def _state(run: ShadowRun) -> str:
    if run.running:
        return "running"
    return f"over, then {plain(run.ended_by)}" if run.ended_by else "over"


def _cards(found: LifeCycleReport, run: ShadowRun) -> None:
    met = {one.requirement.key: one for one in found.standing.gates[stages.SHADOW].met}
    whole, asked = run.whole, found.standing.settings
    hours = f"{len(run.hours)} of {run.expected_hours}"
    no_gaps = met["gaps"].status
    enough = met["hours"].status if no_gaps is Status.ON_TARGET else no_gaps
    facts = (
        (
            "Changed for users",
            wording.count(run.user_visible, good="low"),
            chip(met["users_untouched"].status),
            "letters; must be 0",
        ),
        (
            "Decided alike",
            wording.percent(run.whole.matrix.agreement or Fraction(0), 2),
            ":material/info: no target",
            f"beyond chance (kappa): {sentences.pooled(whole.kappa, share=False)}",
        ),
        (
            "Hours with rows",
            hours,
            chip(enough),
            f"at least {asked.hours}, at most {wording.percent(asked.gaps, 0)} missing",
        ),
        (
            "Candidate failed",
            _share(run.error_share),
            chip(met["errors"].status),
            _most(run.errors, asked.errors),
        ),
        (
            "Candidate late",
            _share(run.slow_share),
            chip(met["slow"].status),
            _most(run.slow, asked.slow),
        ),
    )
    for at, (column, fact) in enumerate(
        zip(st.columns(len(facts), gap="small"), facts, strict=True)
    ):
        name, value, state, note = fact
        with column, st.container(border=True, height="stretch", key=f"shadow_{at}", gap="xsmall"):
            st.markdown(f"**{name}**")
            st.markdown(f"### {value}")
            st.markdown(state)
            st.caption(note)


def _share(value: Fraction | None) -> str:
    return "–" if value is None else wording.percent(value, 4, good="low")


def _most(count: int, limit: Fraction) -> str:
    return f"{wording.whole(count)} letters; at most {wording.percent(limit, 2)}"


def _segments(run: ShadowRun) -> None:
    parts = (run.whole, *run.segments)
    if len(parts) == 1:
        return
    with st.container(border=True):
        st.markdown("**By segment**")
        st.dataframe(
            pd.DataFrame([_row(part) for part in parts]),
            hide_index=True,
            placeholder="–",
            column_config={
                "Letters": _NUMBER(format="compact"),
                "Only production": _NUMBER(format="compact"),
                "Only candidate": _NUMBER(format="compact"),
                **{
                    name: _NUMBER(format="%.3f")
                    for name in ("Alike, %", "from", "to", "Kappa", "Moved, points")
                },
            },
            alt="Agreement of candidate and production by segment.",
        )
        st.caption(
            "“Only production” are letters that production alone decided positive; “moved” is by "
            "how many points the candidate's share of positive decisions is larger. From and to: "
            "95 % over time."
        )


def _row(part: Part) -> dict[str, object]:
    matrix = part.matrix
    return {
        "Segment": part.segment,
        "Hours": part.hours,
        "Letters": matrix.letters,
        "Alike, %": _points(part.alike.value),
        "from": _points(part.alike.low),
        "to": _points(part.alike.high, up=True),
        "Kappa": part.kappa.value,
        "Only production": matrix.production_only,
        "Only candidate": matrix.candidate_only,
        "Moved, points": _points(part.moved.value),
    }


def _points(value: float | None, *, up: bool = False, digits: int = 3) -> float | None:
    """A share in percent, cut and never rounded: down, or up where low is good."""
    if value is None:
        return None
    scaled = value * 100 * 10**digits
    cut = ceil(scaled) if up else floor(scaled)
    return float(cut / 10**digits)


def _beside(found: LifeCycleReport) -> None:
    """The candidate's failures and late answers beside production's over the same hours."""
    served = found.served
    st.markdown("**Failures and late answers, beside production**")
    if served is not None:
        sides = (
            (
                "candidate",
                served.candidate_letters,
                served.candidate_errors,
                served.candidate_slow,
            ),
            ("production", served.letters, served.errors, served.slow),
        )
        rows = [
            {
                "Who": name,
                "Letters": letters,
                "Failed": errors,
                "Failed, %": _points(errors / letters if letters else None, up=True, digits=4),
                "Late": slow,
                "Late, %": _points(slow / letters if letters else None, up=True, digits=4),
            }
            for name, letters, errors, slow in sides
        ]
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder="–",
            column_config={
                "Letters": _NUMBER(format="compact"),
                "Failed": _NUMBER(format="localized"),
                "Failed, %": _NUMBER(format="%.4f"),
                "Late": _NUMBER(format="localized"),
                "Late, %": _NUMBER(format="%.4f"),
            },
            alt="Failures and late answers of candidate and production.",
        )
    st.caption(sentences.served(served))


def _earlier(found: LifeCycleReport) -> None:
    earlier = found.standing.runs[1:]
    if not earlier:
        return
    rows = [
        {
            "Candidate": run.candidate,
            "Production": run.production,
            "From": run.span.start,
            "To": run.span.end,
            "Hours": len(run.hours),
            "Letters": run.letters,
            "Alike, %": _points(run.whole.alike.value),
            "Changed for users": run.user_visible,
        }
        for run in earlier
    ]
    with st.expander(f"Earlier shadow runs: {len(rows)}"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "Letters": _NUMBER(format="compact"),
                "Alike, %": _NUMBER(format="%.3f"),
                **{
                    name: st.column_config.DatetimeColumn(
                        f"{name} (UTC)", format="D MMM YYYY HH:mm", timezone="UTC"
                    )
                    for name in ("From", "To")
                },
            },
            alt="Earlier shadow runs.",
        )
