"""The card of a service: four answers, and the form that gives them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.documentation import CARD_FIELDS, CardField, DocumentationReport
from core.ports.documentation import ServiceCard
from db.team.cards import save_card
from pages.parts.documentation.prose import prose
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send
from pages.parts.markdown import plain

#: Fields of the form, by the answers they hold: "problems" alone is what a draft keeps itself.
_FIELDS = {about.field: f"card_{about.field}" for about in CARD_FIELDS}
_LABELS = {_FIELDS[about.field]: about.name for about in CARD_FIELDS}


def card(found: DocumentationReport) -> None:
    """The answers side by side; what nobody has answered is said in its place."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown("#### Service card", width="content")
        whole = f"{found.answered} of {len(CARD_FIELDS)}"
        if found.complete:
            st.markdown(f":blue[:material/check_circle: **{whole}**]", width="content")
        else:
            st.markdown(f":orange[:material/pending: **{whole}**]", width="content")
        if found.card.changed_at is not None:
            when = wording.clock(found.card.changed_at, found.as_of)
            st.caption(plain(f"by {found.card.changed_by}, {when}"), width="content")
    if "card" in found.empty:
        st.info(found.empty["card"], icon=":material/menu_book:")
    short = [about for about in CARD_FIELDS if not about.markdown]
    long = [about for about in CARD_FIELDS if about.markdown]
    for row in (short, long):
        for column, about in zip(st.columns(len(row)), row, strict=True):
            with column, st.container(border=True, height="stretch", gap="xsmall"):
                _answer(about, getattr(found.card, about.field))


def _answer(about: CardField, written: str) -> None:
    st.markdown(f"**{about.name}**")
    st.caption(about.asks)
    if not written.strip():
        st.markdown(":orange[:material/edit_off: Nobody has answered.]")
    elif about.markdown:
        prose(written)
    else:
        st.code(written, language=None, wrap_lines=True)


def card_form(found: DocumentationReport) -> None:
    """The form; an answer may stay empty, the card is incomplete then."""
    draft = Draft(f"card·{found.service}")
    seen = begin_editing(draft, found.card, _values_of, revision=found.card.revision)
    with form(draft, Button("Store the card", primary=True)) as sent:
        for about in CARD_FIELDS:
            label, field = f"{about.name}: {about.asks}", _FIELDS[about.field]
            if about.markdown:
                draft.text_area(f"{label} (markdown)", field, height=180)
            else:
                draft.text_area(label, field, height=70)
    if sent:
        given = {field: sent.given[key] for field, key in _FIELDS.items()}
        send(
            draft,
            lambda store: save_card(store, found.service, seen, given, **sent.signed),
            lambda made: f"Stored at {wording.clock(sent.at)}: revision {made.revision}.",
            place=lambda field: _FIELDS.get(field, field),
            editing=Editing(seen, _values_of, _LABELS),
        )


def _values_of(one: ServiceCard) -> dict[str, Any]:
    return {key: getattr(one, field) for field, key in _FIELDS.items()}
