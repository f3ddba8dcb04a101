"""The matrix with its names, and exposure over time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.charts.risks import exposure, matrix
from core.charts.tokens import DARK, LIGHT, Palette
from core.ports.risks import Ranked, Risk
from core.risks import RisksReport, report
from tests.fakes import SERVICE
from tests.fakes_risks import NOON, MemoryRisks, evidence_of, ranked, risk


def made(*risks: Risk, ranks: tuple[Ranked, ...] = ()) -> RisksReport:
    return report(MemoryRisks(risks, ranks), SERVICE, NOON, evidence_of())


def cells(found: RisksReport) -> dict[str, Any]:
    """The labels of the cells by rank and place."""
    drawn = matrix(found, LIGHT)
    data = next(iter(drawn.datasets.values()))
    keys = zip(data["probability"], data["consequence"], strict=True)
    return dict(zip(keys, data["label"], strict=True))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_cell_is_there_with_its_rank_and_the_colour_of_its_band(palette: Palette):
    drawn = matrix(made(), palette)
    data = next(iter(drawn.datasets.values()))
    assert sorted(int(rank.split()[1]) for rank in data["rank"]) == [1, 2, 2, 3, 3, 4, 6, 6, 9]
    assert data["colour"][data["rank"].index("rank 9")] == palette.bands[2]
    assert data["colour"][data["rank"].index("rank 4")] == palette.bands[1]
    assert drawn.title == "No risk is open"


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_name_is_read_on_every_band_in_both_themes(palette: Palette):
    drawn = matrix(made(risk()), palette)
    assert drawn.spec is not None
    inks = {
        layer["mark"]["color"] for layer in drawn.spec["layer"] if layer["mark"]["type"] == "text"
    }
    assert all(contrast(ink, band) >= 4.5 for ink in inks for band in palette.bands)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_names_stand_in_their_cell_and_many_are_counted():
    many = [risk(number, 2, 3, title=f"Риск {number}") for number in range(1, 6)]
    found = made(*many, risk(9, 3, 3, title="The servers come late"))
    labels = cells(found)
    assert [label for label in labels.values() if "servers" in label] == ["• The servers come late"]
    (crowded,) = [label for label in labels.values() if "Риск" in label]
    assert crowded.splitlines() == ["• Риск 1", "• Риск 2", "• Риск 3", "and 2 more"]
    assert matrix(found, DARK).title == "One of six open risks has rank 9"


def test_a_long_name_is_cut_and_closed_risks_have_left():
    found = made(
        risk(1, title="слово " * 30),
        risk(2, title="Gone", closed_at=NOON, closed_why="x"),
    )
    labels = "\n".join(cells(found).values())
    assert "Gone" not in labels
    assert labels.strip().endswith("…")
    assert len(labels.strip().splitlines()) == 2


def test_what_people_wrote_is_in_no_tooltip():
    drawn = matrix(made(risk(title="<img>")), LIGHT)
    assert "tooltip" not in json.dumps(drawn.spec)


def test_who_cannot_see_the_matrix_reads_its_cells():
    said = matrix(made(risk(title="Late"), risk(2, 1, 3, title="Dropped")), LIGHT).alt
    assert "Rank 9 (frequent; destructive): Late." in said
    assert "Rank 3 (rare, a coincidence; destructive): Dropped." in said


def test_exposure_is_drawn_by_band_to_the_moment_of_the_report():
    ranks = (ranked(1, -20, 3, 3), ranked(2, -10, 1, 2), ranked(1, -5, 2, 3))
    drawn = exposure(made(risk(1, 2, 3), risk(2, 1, 2), ranks=ranks), LIGHT)
    assert drawn.title == "Total exposure is 8, down from 11 on 22 May"
    rows, totals, _ = drawn.datasets.values()
    assert list(totals["total"]) == [9, 11, 8, 8]
    assert max(rows["t"]) == NOON.timestamp() * 1000
    by_moment: dict[float, int] = {}
    for at, height in zip(rows["t"], rows["sum"], strict=True):
        by_moment[at] = by_moment.get(at, 0) + height
    assert list(by_moment.values()) == [9, 11, 8, 8]
    assert "12 May 2026 9" in drawn.alt


def test_without_a_risk_there_is_nothing_to_draw():
    drawn = exposure(made(), LIGHT)
    assert drawn.spec is None
    assert drawn.title == "Nobody has written down a risk yet"
