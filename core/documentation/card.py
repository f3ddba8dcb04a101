"""The card of a service: four things that whoever is woken by it has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.fields import Fields, FieldsError
from core.ports.documentation import ServiceCard


@dataclass(frozen=True, slots=True)
class CardField:
    """One of the four.

    Attributes:
        field: its name in `ServiceCard`.
        name: what it is called.
        asks: what it answers.
        markdown: shown as markdown, made safe; the others are plain text.
    """

    field: str
    name: str
    asks: str
    markdown: bool


CARD_FIELDS = (
    CardField("repository", "Repository", "Where is the code?", False),
    CardField("logs", "Logs", "Where are the logs written?", False),
    CardField("problems", "Typical problems", "What goes wrong, and how is it solved?", True),
    CardField("knobs", "Config knobs", "What can be turned in the configs?", True),
)


def missing(card: ServiceCard | None) -> tuple[CardField, ...]:
    """The fields that nobody has filled in; none of them is what complete means."""
    return tuple(
        about
        for about in CARD_FIELDS
        if card is None or not str(getattr(card, about.field)).strip()
    )


def parse_card(service: str, given: Mapping[str, object]) -> ServiceCard:
    """Read the fields of a card. Each may be left empty: the card is incomplete then, and says so.

    Raises:
        FieldsError: a field is wrong or unknown; each is named.
    """
    form = Fields({**given, "service": service})
    form.refuse_unknown((*(about.field for about in CARD_FIELDS), "service"))
    name = form.name("service")
    repository, logs = form.text("repository"), form.text("logs")
    problems, knobs = form.text("problems"), form.text("knobs")
    if form.problems or name is None:
        raise FieldsError(form.problems)
    return ServiceCard(name, repository, logs, problems, knobs)
