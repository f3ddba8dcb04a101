"""Probability, consequence, rank and band, and what a band asks for.

Risk = probability x consequence, both whole numbers from 1 to 3, as a lecture on managing ML
projects has them. So ranks are 1, 2, 3, 4, 6 and 9; 5, 7 and 8 cannot occur. What a band asks for
is a minimum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.ports.risks import Risk

LEAST, MOST = 1, 3
PROBABILITIES: Mapping[int, str] = {
    1: "rare, a coincidence",
    2: "from time to time, not in most projects",
    3: "frequent",
}
CONSEQUENCES: Mapping[int, str] = {
    1: "functionality slightly worse",
    2: "functionality worse",
    3: "destructive",
}
#: From this rank on an acceptance names who approved it, and when.
APPROVED_FROM = 4


@dataclass(frozen=True, slots=True)
class Band:
    """Ranks that ask for the same.

    Attributes:
        name: what to do, in short.
        lowest: its lowest rank.
        highest: its highest rank.
        asks: the responses that it asks for, keys of RESPONSES.
    """

    name: str
    lowest: int
    highest: int
    asks: tuple[str, ...]


#: What may be done about a risk, and how the list of what is missing calls it.
RESPONSES: Mapping[str, str] = {
    "accepted_or_mitigation": "accept it, or say how its consequences are dealt with",
    "prevention": "how it is prevented",
    "red_line": "a red line",
    "plan_b": "a plan B",
    "mitigation": "how its consequences are dealt with",
}
BANDS = (
    Band("accept, or deal with the consequences", 1, 3, ("accepted_or_mitigation",)),
    Band("prevent, and deal with the consequences", 4, 6, ("prevention", "mitigation")),
    Band(
        "prevent, draw a red line, have a plan B, deal with the consequences",
        7,
        9,
        ("prevention", "red_line", "plan_b", "mitigation"),
    ),
)


def rank(probability: int, consequence: int) -> int:
    """The rank of a risk.

    Raises:
        ValueError: one of them is not 1, 2 or 3.

    >>> rank(3, 3), rank(2, 2), rank(1, 3)
    (9, 4, 3)
    """
    for name, value in (("probability", probability), ("consequence", consequence)):
        if isinstance(value, bool) or not isinstance(value, int) or not LEAST <= value <= MOST:
            raise ValueError(f"{name} == {value!r}, must be 1, 2 or 3")
    return probability * consequence


def band_of(rank: int) -> Band:
    """The band of a rank.

    Raises:
        ValueError: no risk has this rank.

    >>> band_of(9).asks
    ('prevention', 'red_line', 'plan_b', 'mitigation')
    """
    products = {one * other for one in PROBABILITIES for other in CONSEQUENCES}
    if rank not in products:
        raise ValueError(f"rank == {rank!r}, must be one of {sorted(products)}")
    return next(band for band in BANDS if band.lowest <= rank <= band.highest)


def missing(risk: Risk) -> tuple[str, ...]:
    """What a risk's band asks for and nobody has written: keys of RESPONSES.

    An acceptance takes nothing off it above the lowest band. A red line whose plan B is over is
    spent: another one is to be drawn.
    """
    return tuple(one for one in band_of(risk.rank).asks if not _there(risk, one))


def _there(risk: Risk, response: str) -> bool:
    if response == "accepted_or_mitigation":
        return risk.accepted or bool(risk.mitigation)
    if response == "red_line":
        return risk.line is not None and risk.plan_b_ended_at is None
    return bool(getattr(risk, response))
