"""The report of the documentation area: how complete the card is, which runbooks are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import wording
from core.documentation.card import CARD_FIELDS, CardField, missing
from core.ports.documentation import DocumentationReader, Runbook, ServiceCard

NO_CARD = "Nobody has written a card for this service yet. Four answers make it complete."
NO_RUNBOOKS = "This service has no runbook yet."


@dataclass(frozen=True, slots=True)
class RunbookView:
    """A runbook and what leads to it.

    Attributes:
        rules: ids of the alert rules that name it, as they are now.
    """

    runbook: Runbook
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentationReport:
    """Everything the documentation area shows about a service.

    Attributes:
        headline: the finding, as the page's first sentence, without a full stop.
        card: an empty one of revision 0 where nobody has written anything.
        missing: what the card does not say.
        runbooks: by id.
        unwritten: runbooks that alert rules name and nobody has written: id and rules.
        without_runbook: ids of alert rules that name none.
        warnings: what somebody has to do, as sentences.
        empty: what to say where there is nothing, by 'card' and 'runbooks'.
    """

    service: str
    as_of: datetime
    headline: str
    card: ServiceCard
    missing: tuple[CardField, ...]
    runbooks: tuple[RunbookView, ...]
    unwritten: tuple[tuple[str, tuple[str, ...]], ...]
    without_runbook: tuple[str, ...]
    warnings: tuple[str, ...]
    empty: dict[str, str]

    @property
    def answered(self) -> int:
        """How many of the card's fields are filled in; complete is all of them."""
        return len(CARD_FIELDS) - len(self.missing)

    @property
    def complete(self) -> bool:
        """Four of four."""
        return not self.missing

    def runbook(self, runbook_id: str) -> Runbook | None:
        """A runbook by its id; None where nobody has written it."""
        for view in self.runbooks:
            if view.runbook.runbook_id == runbook_id:
                return view.runbook
        return None


def report(reader: DocumentationReader, service: str, as_of: datetime) -> DocumentationReport:
    """Put the documentation report of a service together.

    Raises:
        ValueError: as_of has no zone.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of == {as_of}, must have a time zone")
    card = reader.card(service, as_of)
    runbooks = reader.runbooks(service, as_of)
    named = reader.named_by_rules(service)
    written = {one.runbook_id for one in runbooks}
    unwritten = tuple(
        (runbook_id, rules)
        for runbook_id, rules in sorted(named.items())
        if runbook_id and runbook_id not in written
    )
    left, without = missing(card), named.get("", ())
    return DocumentationReport(
        service=service,
        as_of=as_of,
        headline=_headline(service, left, unwritten, without),
        card=ServiceCard(service) if card is None else card,
        missing=left,
        runbooks=tuple(RunbookView(one, named.get(one.runbook_id, ())) for one in runbooks),
        unwritten=unwritten,
        without_runbook=without,
        warnings=_warnings(left, unwritten, without),
        empty={
            part: said
            for part, there, said in (
                ("card", len(left) < len(CARD_FIELDS), NO_CARD),
                ("runbooks", bool(runbooks), NO_RUNBOOKS),
            )
            if not there
        },
    )


def _headline(
    service: str,
    left: tuple[CardField, ...],
    unwritten: tuple[tuple[str, tuple[str, ...]], ...],
    without: tuple[str, ...],
) -> str:
    whole = wording.number_word(len(CARD_FIELDS))
    if left:
        answered = "none"
        if len(left) < len(CARD_FIELDS):
            answered = wording.number_word(len(CARD_FIELDS) - len(left))
        names = wording.listing([about.name.lower() for about in left])
        return f"The card of {service} has {answered} of {whole} answers: {names} missing"
    if unwritten or without:
        rules = len(without) + sum(len(names) for _, names in unwritten)
        verb = "rule leads" if rules == 1 else "rules lead"
        return (
            f"The card of {service} is complete, but {wording.number_word(rules)} alert {verb} to "
            "no runbook"
        )
    return f"The card of {service} is complete, {whole} of {whole}"


def _warnings(
    left: tuple[CardField, ...],
    unwritten: tuple[tuple[str, tuple[str, ...]], ...],
    without: tuple[str, ...],
) -> tuple[str, ...]:
    return (
        *(f"{about.name}: nobody has answered. {about.asks}" for about in left),
        *(
            f"Runbook {runbook_id} is not written, and {wording.listing(list(rules))} "
            f"{'leads' if len(rules) == 1 else 'lead'} to it."
            for runbook_id, rules in unwritten
        ),
        *(f"Alert rule {rule} names no runbook." for rule in without),
    )
