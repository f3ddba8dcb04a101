"""The matrix of open risks with their names, and total exposure over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

import altair as alt

from core import wording
from core.charts.chart import UTC_MINUTES, Canvas, Chart, haloed, stamp, time_axis
from core.charts.tokens import Palette
from core.risks import BANDS, CONSEQUENCES, PROBABILITIES, RisksReport, RiskView, band_of, rank
from core.risks.exposure import Exposure
from core.risks.sentences import exposure_title

HEIGHT = 348
#: So many names stand in a cell, each on so many lines of so many characters.
NAMES, LINES, CHARACTERS = 3, 2, 38


def matrix(found: RisksReport, palette: Palette) -> Chart:
    """The nine cells with rank, names and number of risks; closed risks are in none of them.

    The names are drawn as text, and are in no tooltip.
    """
    rows = [
        {
            "probability": _axis(probability, PROBABILITIES),
            "consequence": _axis(consequence, CONSEQUENCES),
            "rank": f"rank {rank(probability, consequence)}",
            "colour": palette.bands[BANDS.index(band_of(rank(probability, consequence)))],
            "label": _names(found.at(probability, consequence)),
        }
        for consequence in sorted(CONSEQUENCES, reverse=True)
        for probability in PROBABILITIES
    ]
    canvas = Canvas()
    base = canvas.on(rows)
    cells = base.mark_rect(stroke=palette.background, strokeWidth=3).encode(
        x=_x(), y=_y(), color=alt.Color(field="colour", type="nominal", scale=None)
    )
    corner = {"x": _x(0.0), "y": _y(0.0)}
    place = {"align": "left", "baseline": "top", "dx": 9, "color": palette.text}
    ranks = base.mark_text(**place, dy=8, fontSize=11).encode(
        **corner, text=alt.Text(field="rank", type="nominal")
    )
    names = base.mark_text(
        **place,
        dy=25,
        fontSize=11.5,
        fontWeight=600,
        lineBreak="\n",
        lineHeight=13,
        limit=alt.ExprRef(expr="width / 3 - 18"),
    ).encode(**corner, text=alt.Text(field="label", type="nominal"))
    title = _matrix_title(found)
    return canvas.finish([cells, ranks, names], title, _matrix_words(found), height=HEIGHT)


def exposure(found: RisksReport, palette: Palette) -> Chart:
    """The sum of the ranks of all open risks, by band, from the first risk on."""
    steps, title = found.exposure, exposure_title(found.exposure)
    if not steps:
        return Chart(title, None, "There is nothing to draw: no risk was ever written down.")
    ends = [*(step.at for step in steps[1:]), max(found.as_of, steps[-1].at)]
    names = [_band_name(number) for number in range(len(BANDS))]
    rows = [
        {"t": stamp(at), "band": names[number], "sum": step.by_band[number], "total": step.total}
        for step, end in zip(steps, ends, strict=True)
        for at in ((step.at, end) if step is steps[-1] else (step.at,))
        for number in range(len(BANDS))
    ]
    canvas = Canvas()
    x = time_axis(span=(steps[0].at, ends[-1]))
    areas = (
        canvas.on(rows)
        .mark_area(interpolate="step-after", opacity=1)
        .encode(
            x=x,
            y=alt.Y(
                field="sum",
                type="quantitative",
                stack="zero",
                axis=alt.Axis(title="sum of ranks", tickMinStep=1),
            ),
            color=alt.Color(
                field="band",
                type="nominal",
                sort=names,
                scale=alt.Scale(domain=names, range=list(palette.bands)),
                legend=alt.Legend(title=None, orient="top", symbolType="square"),
            ),
            order=alt.Order(field="band", type="nominal"),
            tooltip=[
                alt.Tooltip(field="band", type="nominal", title="ranks"),
                alt.Tooltip(field="sum", type="quantitative", title="their sum"),
                alt.Tooltip(field="total", type="quantitative", title="total"),
                alt.Tooltip(
                    field="t",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %Y %H:%M",
                    title="since (UTC)",
                ),
            ],
        )
    )
    totals = [{"t": stamp(step.at), "total": step.total} for step in steps]
    totals.append({"t": stamp(ends[-1]), "total": steps[-1].total})
    y = alt.Y(field="total", type="quantitative")
    line = (
        canvas.on(totals)
        .mark_line(interpolate="step-after", strokeWidth=1.8, color=palette.text)
        .encode(x=x, y=y)
    )
    last = canvas.on([totals[-1] | {"label": f"total {steps[-1].total}"}])
    label = haloed(last, palette, x=x, y=y, align="right", baseline="bottom", dx=-4, dy=-4)
    return canvas.finish(
        [areas, line, *label], title, _exposure_words(title, steps), height=HEIGHT - 40
    )


def _x(band: float | None = None) -> alt.X:
    more = {} if band is None else {"bandPosition": band}
    return alt.X(
        field="probability",
        type="nominal",
        sort=[_axis(one, PROBABILITIES) for one in PROBABILITIES],
        axis=alt.Axis(
            title="probability",
            labelAngle=0,
            labelExpr="split(datum.label, '\\n')",
            ticks=False,
            domain=False,
        ),
        **more,
    )


def _y(band: float | None = None) -> alt.Y:
    more = {} if band is None else {"bandPosition": band}
    return alt.Y(
        field="consequence",
        type="nominal",
        sort=[_axis(one, CONSEQUENCES) for one in sorted(CONSEQUENCES, reverse=True)],
        axis=alt.Axis(
            title="consequence",
            labelExpr="split(datum.label, '\\n')",
            ticks=False,
            domain=False,
        ),
        **more,
    )


def _axis(number: int, names: Mapping[int, str]) -> str:
    """A value with its name on lines that fit under a cell."""
    return "\n".join(wrap(f"{number} {names[number]}", 20))


def _names(views: Sequence[RiskView]) -> str:
    shown = [_wrapped(view.risk.title) for view in views[:NAMES]]
    if len(views) > NAMES:
        shown.append(f"and {len(views) - NAMES} more")
    return "\n".join(shown)


def _wrapped(title: str) -> str:
    lines = wrap(title, CHARACTERS, initial_indent="• ", subsequent_indent="   ") or [""]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1][: CHARACTERS - 1]}…"]
    return "\n".join(lines)


def _matrix_title(found: RisksReport) -> str:
    high = sum(view.rank >= BANDS[-1].lowest for view in found.risks)
    if not found.risks:
        return "No risk is open"
    if len(found.risks) == 1:
        return f"The one open risk has rank {found.risks[0].rank}"
    counted = f"{wording.number_word(len(found.risks))} open risks"
    verb = "has" if high == 1 else "have"
    return f"{wording.number_word(high).capitalize()} of {counted} {verb} rank 9"


def _matrix_words(found: RisksReport) -> str:
    said = [
        f"Rank {rank(probability, consequence)} ({PROBABILITIES[probability]}; "
        f"{CONSEQUENCES[consequence]}): {', '.join(view.risk.title for view in views)}."
        for consequence in sorted(CONSEQUENCES, reverse=True)
        for probability in sorted(PROBABILITIES, reverse=True)
        if (views := found.at(probability, consequence)[:10])
    ]
    return f"{_matrix_title(found)}. {' '.join(said)}"


def _band_name(number: int) -> str:
    return f"{BANDS[number].lowest} to {BANDS[number].highest}"


def _exposure_words(title: str, steps: Sequence[Exposure]) -> str:
    told = "; ".join(f"{wording.short_date(step.at)} {step.total}" for step in steps[-12:])
    return f"{title}. Sum of ranks since: {told}."
