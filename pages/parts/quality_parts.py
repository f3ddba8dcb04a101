"""The pieces of the Quality page."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.charts import quality as charts
from core.charts.chart import Chart
from core.charts.tokens import Palette
from core.quality import Focus, QualityReport, sentences
from pages.parts import data
from pages.parts.markdown import plain

_KEYS = ("version", "segment")


def focus() -> Focus:
    """The part of the service that the URL asks for."""
    return Focus(*(st.query_params.get(key) or None for key in _KEYS))


def about(found: QualityReport) -> str:
    """Service and part, and what it is held to."""
    targets = found.settings.targets
    milestone = targets["precision"].milestone
    if not found.settings.promised:
        held = f"held to {found.settings.name} by default: no goal names a target"
    else:
        held = f"held to {found.settings.name}" + (f" of {milestone}" if milestone else "")
    return plain(" · ".join(part for part in (found.service, found.focus.words, held) if part))


def focus_bar(found: QualityReport) -> None:
    """What the page is narrowed to, and the way back."""
    if not found.focus.words:
        return
    known = {part.key for part in (*found.by_version, *found.by_segment)}
    asked = (found.focus.version, found.focus.segment)
    unknown = [name for name in asked if name is not None and name not in known]
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        if unknown:
            st.info(
                f"Nothing is called {plain(wording.listing(unknown))} in this window.",
                icon=":material/info:",
            )
        else:
            st.info(
                f"Narrowed to {plain(found.focus.words)}. A criterion counts all letters.",
                icon=":material/filter_alt:",
            )
    with right:
        if st.button("Show all", icon=":material/filter_alt_off:", width="stretch"):
            for key in _KEYS:
                st.query_params.pop(key, None)
            st.rerun()


def warnings(found: QualityReport) -> None:
    """What to know before trusting the numbers."""
    if found.warnings:
        lines = "\n".join(f"- {plain(sentence)}" for sentence in found.warnings)
        st.warning(f"Before you trust these numbers:\n{lines}", icon=":material/warning:")


def explorer(found: QualityReport, theme: Palette) -> None:
    """The curve, and a slider to look at another threshold."""
    with st.container(border=True, height="stretch"):
        _explore(found, theme)


@st.fragment
def _explore(found: QualityReport, theme: Palette) -> None:
    curve = found.curve
    if curve is None or len(curve.points) < 2:
        _panel(data.drawn("curve", found, theme.name, lambda: charts.curve(found, theme)))
        return
    by_name = {wording.score(point.threshold): point for point in curve.points}
    operating = found.thresholds.operating
    start = curve.points[0] if operating is None else curve.at(operating)
    usual = wording.score(start.threshold)
    holder = st.container()
    chosen = st.select_slider(
        "Explore another threshold",
        list(by_name),
        value=usual,
        key=f"threshold_{found.service}_{curve.version}",
        help="Lower edges of the score bands of the labels.",
    )
    explored = None if chosen == usual else by_name[chosen].threshold
    with holder:
        figure = data.drawn(
            f"curve {chosen}", found, theme.name, lambda: charts.curve(found, theme, explored)
        )
        _panel(figure)
    point = by_name[chosen]
    st.markdown(
        f"At **{chosen}**: precision {sentences.interval_words(point.precision)}, "
        f"recall {sentences.interval_words(point.recall)}."
    )
    st.caption(
        f"Letters of {plain(curve.version)}. A threshold chosen by eye on these labels is not "
        "certified: the best-looking of many is partly luck. The certified one comes from a "
        "search that was fixed before looking."
    )


def scores(found: QualityReport, theme: Palette) -> None:
    """All letters by score, and the labels under them."""
    with st.container(border=True, height="stretch"):
        _panel(data.drawn("histogram", found, theme.name, lambda: charts.histogram(found, theme)))
        _panel(data.drawn("coverage", found, theme.name, lambda: charts.coverage(found, theme)))


def _panel(figure: Chart) -> None:
    st.markdown(f"**{figure.title}**")
    if figure.spec is None:
        st.caption(figure.alt)
    else:
        st.vega_lite_chart(figure.spec, width="stretch", alt=figure.alt)


def early_warning(found: QualityReport) -> None:
    """What the scores alone say; apart from the verdict."""
    early = found.early
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(sentences.early_title(early))}**")
        if early is None:
            return
        hours = wording.duration(early.recent.end - early.recent.start)
        if early.unknown:
            st.markdown(plain(f"{early.unknown[0].upper()}{early.unknown[1:]}."))
        else:
            st.dataframe(
                [
                    {
                        "Expected from scores": measure.capitalize(),
                        f"Newest {hours}": _share(now),
                        "Before, in this window": _share(before),
                    }
                    for measure, now, before in (
                        ("precision", early.precision, early.reference_precision),
                        ("recall", early.recall, early.reference_recall),
                    )
                ],
                hide_index=True,
            )
        st.dataframe(
            [
                {
                    "Scores of": part.segment or "all letters",
                    "Drift": part.word,
                    "PSI": part.psi,
                    "Jensen-Shannon": part.distance,
                }
                for part in early.drift
            ],
            hide_index=True,
            placeholder="–",
            column_config={
                "PSI": st.column_config.NumberColumn(format="%.4f"),
                "Jensen-Shannon": st.column_config.NumberColumn(format="%.4f"),
            },
        )
        st.caption(
            f"Without labels, of {plain(early.version)} alone. It assumes that a score still means "
            f"what {wording.whole(early.labels)} labels say it meant: a change of that meaning it "
            "cannot see. It never decides a criterion."
        )


def _share(value: float | None) -> str:
    return "unknown" if value is None else wording.percent(value, 2)
