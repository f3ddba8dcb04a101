"""Lifts side by side: guardrails, denominators, CUPED, segments, weeks of exposure."""

from __future__ import annotations

from core.charts.chart import Chart
from core.charts.experiment.forest import Row, forest
from core.charts.experiment.series import percent
from core.charts.experiment.words import levels, p_words
from core.charts.tokens import Palette
from core.experiment import sentences
from core.experiment.effects import Effect, Interval
from core.experiment.guardrails import Guardrail
from core.experiment.report import ExperimentReport
from core.experiment.words import signed

#: Each state of a guardrail has a shape beside its word and its colour.
_SHAPES = {"held": "circle", "harmed": "square", "open": "diamond", "no data": "circle"}


def guardrails(found: ExperimentReport, palette: Palette) -> Chart:
    """Every guardrail with its margin and what is known of it."""
    every = found.main.guardrails
    rows = [_guardrail(one, palette) for one in every]
    kind = "ordinary" if found.main.looked else "always-valid"
    return forest(
        rows,
        palette,
        title=sentences.guardrails_title(found),
        axis=f"change, % · {kind} {_confidence(found)} interval · thick mark: margin",
        text=_said(rows) or "The definition names no guardrail.",
    )


def denominators(found: ExperimentReport, palette: Palette) -> Chart:
    """The primary metric, its row adjusted by CUPED, and the three that hang together.

    Complaints per letter is complaints per user over letters per user, and treatment changes both.
    """
    three, made, effect = found.detail.denominators, found.detail.cuped, found.main.effect
    margin = percent(found.definition.primary.margin)
    rows = [_lift_row(effect, levels(effect), palette, margin=margin)]
    if made is not None:
        rows.append(_lift_row(made.effect, "  the same, adjusted by CUPED", palette, margin=margin))
    complaints = (three.per_letter, three.per_user)
    held = margin if effect.metric in {one.metric for one in complaints} else None
    rows += [
        _lift_row(other, levels(other), palette, margin=held if other in complaints else None)
        for other in (*complaints, three.letters_per_user)
        if other.metric != effect.metric
    ]
    return forest(
        rows,
        palette,
        title=sentences.denominators_title(found),
        axis=f"change, % · ordinary {_confidence(found)} interval · thick mark: margin",
        text=_said(rows),
    )


def segments(found: ExperimentReport, palette: Palette) -> Chart:
    """The primary metric by segment; intervals and p-values hold for all of them together."""
    rows = [
        _lift_row(
            one.effect,
            f"{one.dimension} {one.value}",
            palette,
            note=p_words(one.p),
            margin=percent(found.definition.primary.margin),
        )
        for one in found.detail.segments
    ]
    return forest(
        rows,
        palette,
        title=sentences.segments_title(found),
        axis="change, % · intervals share the error (Bonferroni), p-values are Holm's",
        text=_said(rows) or "Nobody wrote rows by segment: every dimension but 'all' is empty.",
    )


def weeks(found: ExperimentReport, palette: Palette) -> Chart:
    """The primary metric by week since users came into the test."""
    rows = [
        _lift_row(
            one.effect,
            f"week {one.week} of exposure",
            palette,
            note="" if one.p is None else f"{p_words(one.p)} against the first",
        )
        for one in found.detail.weeks
    ]
    return forest(
        rows,
        palette,
        title=sentences.weeks_title(found),
        axis="change, % · intervals share the error (Bonferroni), p-values are Holm's",
        text=_said(rows) or "Nobody wrote rows by week of exposure (dimension exposure_week).",
    )


def _guardrail(one: Guardrail, palette: Palette) -> Row:
    colour = {
        "held": palette.on_target,
        "harmed": palette.breached,
        "open": palette.text,
    }.get(one.state, palette.no_data)
    effect, deciding = one.effect, one.deciding or one.effect.fixed
    if effect.lift is None:
        return Row(effect.metric.label, None, None, None, "no data", colour, reason=effect.missing)
    return Row(
        effect.metric.label,
        percent(effect.lift),
        *_ends(deciding),
        f"{signed(effect.lift, one.rule.direction)} · {one.state}",
        colour,
        percent(one.rule.margin),
        _SHAPES[one.state],
    )


def _lift_row(
    effect: Effect, label: str, palette: Palette, *, note: str = "", margin: float | None = None
) -> Row:
    if effect.lift is None:
        return Row(label, None, None, None, "no data", palette.no_data, reason=effect.missing)
    said = signed(effect.lift, effect.metric.good)
    return Row(
        label,
        percent(effect.lift),
        *_ends(effect.fixed),
        f"{said} · {note}" if note else said,
        palette.on_target,
        margin,
    )


def _ends(bounds: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if bounds is None else (percent(bounds.low), percent(bounds.high))


def _confidence(found: ExperimentReport) -> str:
    fixed = found.main.effect.fixed
    return f"{(1 - found.settings.alpha if fixed is None else fixed.confidence) * 100:.4g} %"


def _said(rows: list[Row]) -> str:
    """The rows for who cannot see them."""
    return "; ".join(
        f"{row.label}: {row.said}{f' ({row.reason})' if row.reason else ''}" for row in rows
    )
