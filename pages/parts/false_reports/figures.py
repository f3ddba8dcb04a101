"""The row of numbers under the heading."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.false_reports import FalseReportsReport, sentences
from core.false_reports.words import counted
from core.training import TrainingReport
from core.training import sentences as training_sentences
from pages.parts.cards import chip
from pages.parts.false_reports.release import newest_told
from pages.parts.markdown import plain


def figures(found: FalseReportsReport, training: TrainingReport | None) -> None:
    """What waits, how many reports are right, agreement, the last release, the training data."""
    row = [_waiting(found), _right(found), _agreement(found), _after(found)]
    columns = st.columns(len(row) + 1, gap="small")
    for at, (column, (name, value, note)) in enumerate(zip(columns, row, strict=False)):
        with column, st.container(border=True, height="stretch", key=f"figure_{at}", gap="xsmall"):
            st.markdown(f"**{name}**")
            st.markdown(f"### {value}")
            st.caption(plain(note))
    with columns[-1], st.container(border=True, height="stretch", key="figure_4", gap="xsmall"):
        _training(training)


def _waiting(found: FalseReportsReport) -> tuple[str, str, str]:
    waiting = found.waiting
    if not waiting.groups:
        return "Waiting for review", "0", "No group waits."
    never = counted(waiting.first, "group").capitalize()
    seen = "nobody has looked at" if waiting.first else "waits for its first look"
    return (
        "Waiting for review",
        f"{wording.whole(waiting.groups)} groups" if waiting.groups > 1 else "1 group",
        f"{counted(waiting.reports, 'report').capitalize()} in all. {never} {seen}.",
    )


def _right(found: FalseReportsReport) -> tuple[str, str, str]:
    by_group = found.precision.by_group
    value = (
        "–" if by_group is None or by_group.value is None else wording.percent(by_group.value, 0)
    )
    return "Right reports", value, sentences.precision_sentence(found)


def _agreement(found: FalseReportsReport) -> tuple[str, str, str]:
    every = found.agreement.every
    value = "–" if every.raw is None else wording.percent(every.raw, 0)
    return "Reviewers agree", value, sentences.agreement_sentence(found)


def _after(found: FalseReportsReport) -> tuple[str, str, str]:
    newest = newest_told(found)
    if newest is None:
        note = "No model that was trained on a retraining set has been released yet."
        return "After the release", "–", note
    sentence = f"{sentences.after_sentence(newest).removesuffix('.')}."
    if newest.missing:
        return "After the release", "–", sentence
    return "After the release", newest.whole.fates.of(0).word.capitalize(), sentence


def _training(training: TrainingReport | None) -> None:
    st.markdown("**Training letters**")
    if training is None or training.letters is None:
        st.markdown("### –")
        st.caption("No training run is known (metrics.training_run).")
        return
    st.markdown(f"### {wording.count(training.letters)}")
    st.markdown(chip(training.status))
    nearest = training.nearest
    note = "" if nearest is None else training_sentences.settles(training, nearest)
    st.caption(plain(note or training_sentences.verdict_sentence(training)))
