"""What became of reported groups after a release."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts import false_reports as charts
from core.charts.tokens import Palette
from core.false_reports import AfterRelease, FalseReportsReport, sentences
from core.false_reports.after_release import Compared
from core.false_reports.words import Unit, rate_words, topic_name, unit_of
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports import letter
from pages.parts.false_reports.letter import cell
from pages.parts.markdown import plain

RELEASE = "release"
#: So many groups are in the chart above everything else: what is reviewed stands below it.
FIRST = 4
#: So many groups are in the table.
MOST = 200


def newest_told(found: FalseReportsReport) -> AfterRelease | None:
    """The newest release of a retrained model of which something can be told; else the newest."""
    retrained = [one for one in found.after if one.known.ids.size and not one.missing]
    return retrained[0] if retrained else found.retrained


def first(found: FalseReportsReport, theme: Palette, *, working: bool) -> None:
    """The newest retraining, before everything else; folded away while somebody reviews."""
    newest, last = newest_told(found), found.retrained
    if newest is None:
        return
    with st.expander(f"**{plain(sentences.after_title(newest))}**", expanded=not working):
        _chart(found, newest, theme, key="first_after", most=FIRST)
        if last is not None and last is not newest:
            st.caption(plain(f"{sentences.after_title(last)}."))


def after(found: FalseReportsReport, theme: Palette) -> None:
    """One release: its chart, how it is compared, and every group."""
    if not found.after:
        with st.container(border=True):
            st.markdown("**No release has taken the place of another version yet**")
            st.caption(
                "Once a model is released to production, this shows reports per million letters "
                "before and after it: of the groups of its retraining set, and of the others."
            )
        return
    versions = [one.version for one in found.after]
    asked = st.query_params.get(RELEASE)
    start = newest_told(found) or found.after[0]
    if asked in versions:
        start = found.after[versions.index(asked)]
    one = found.after[
        st.selectbox(
            "Release",
            range(len(versions)),
            index=found.after.index(start),
            format_func=lambda at: _named(found.after[at]),
            width=420,
        )
    ]
    with st.container(border=True):
        st.markdown(f"**{plain(sentences.after_title(one))}**")
        _chart(found, one, theme, key="after_release", most=charts.MOST_GROUPS)
    if one.missing:
        return
    st.markdown(plain(f"{sentences.after_sentence(one)}."))
    st.caption(plain(f"Of the set: {sentences.fate_counts(one.known) or 'no group'}."))
    for note in sentences.after_notes(found, one):
        st.caption(plain(note))
    _table(found, one, theme)


def _named(one: AfterRelease) -> str:
    trained = f", trained on {one.set_id}" if one.set_id else ""
    return cell(f"{one.version}, {wording.day(one.released_at)}{trained}")


def _chart(
    found: FalseReportsReport, one: AfterRelease, theme: Palette, *, key: str, most: int
) -> None:
    figure = data.drawn(
        f"after {one.version} {most}",
        found,
        theme.name,
        lambda: charts.after_release(found, one, theme, most=most),
    )
    if figure.spec is None:
        st.caption(plain(figure.alt))
        return
    st.vega_lite_chart(figure.spec, width="stretch", alt=figure.alt, key=key)


def _table(found: FalseReportsReport, one: AfterRelease, theme: Palette) -> None:
    shown = one.known if one.known.ids.size else one.others
    if not shown.ids.size:
        return
    per = unit_of(*(float(side.value[0]) for side in (one.whole.before, one.whole_others.before)))
    rows = [_row(found, shown, at, per) for at in range(min(shown.ids.size, MOST))]
    more = shown.ids.size - len(rows)
    with st.container(border=True):
        of = f"Groups of {one.set_id}" if one.known.ids.size else "Groups known before"
        left = f", the {MOST} that were reported most" if more else ""
        st.markdown(f"**{plain(of)}{left}, reports per {per.name} letters**")
        ticked = st.dataframe(
            pd.DataFrame(rows),
            key=f"fates·{one.version}",
            hide_index=True,
            height="content" if len(rows) <= 10 else 388,
            on_select="rerun",
            selection_mode="single-row",
            column_config={"Group": st.column_config.NumberColumn(format="%d", width="small")},
        )
        chosen = [row for row in ticked.selection.rows if row < len(rows)]
        if chosen:
            _text(found, int(shown.ids[chosen[0]]), theme)
        else:
            st.caption("Tick a group to read its letter.")


def _text(found: FalseReportsReport, group_id: int, theme: Palette) -> None:
    at = int(found.groups.group_ids.searchsorted(group_id))
    letters = data.letters(found.service, [found.groups.exemplars[at]])
    if isinstance(letters, Problem):
        st.error(plain(letters.sentence), icon=":material/cloud_off:")
        return
    for one in letters:
        letter.show(one.text, theme, key="letter_after", whole=False)


def _row(found: FalseReportsReport, shown: Compared, at: int, per: Unit) -> dict[str, Any]:
    group_id = int(shown.ids[at])
    place = int(found.groups.group_ids.searchsorted(group_id))
    topic = int(found.groups.topics[place])
    words = next((one.words for one in found.topics if one.topic_id == topic), ())
    ratio, more = shown.fates.ratio, float(shown.fates.more_letters[at])
    low, high = float(ratio.low[at]), float(ratio.high[at])
    known = not math.isnan(float(ratio.value[at]))
    return {
        "Group": group_id,
        "Topic": cell(topic_name(topic, words)),
        "What became of it": shown.fates.of(at).word,
        "Reports before": int(shown.sides.before[at]),
        "after": int(shown.sides.after[at]),
        "Rate before": rate_words(float(shown.before.value[at]) * per.factor, up=False),
        "Rate after": rate_words(float(shown.after.value[at]) * per.factor),
        "After over before": f"{rate_words(low, up=False)} to {rate_words(high)}" if known else "–",
        "Settled by": "" if math.isnan(more) else f"{wording.count(more, good='low')} letters",
    }
