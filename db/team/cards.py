"""The card of a service as people fill it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from core.documentation.card import CARD_FIELDS, parse_card
from core.ports.documentation import ServiceCard
from db.readers.values import value_of
from db.team.audit import acting
from db.team.rows import Rows

_CARDS = Rows("card", "card", lambda row: value_of(ServiceCard, row))


def save_card(
    engine: Engine,
    service: str,
    seen: ServiceCard | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> ServiceCard:
    """Write a card or change it.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        seen: the card that whoever changes it was looking at; None or one of revision 0 where
            there was none.
        given: the fields of a form, see `core.documentation.parse_card`.
        by: who saves it.
        at: now.

    Returns:
        The card as it is stored; a wanted one that is stored already is left as it is.

    Raises:
        FieldsError: a field is wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = parse_card(service, given)
    said = {about.field: getattr(wanted, about.field) for about in CARD_FIELDS}
    with acting(engine, by, at, f"card of {service}"[:200]) as connection:
        return _CARDS.put(connection, wanted.service, seen, said, by=by, at=at)
