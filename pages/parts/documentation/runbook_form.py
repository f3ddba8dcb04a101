"""Writing a runbook; of two who write at once, the second sees both versions and keeps theirs."""

from __future__ import annotations

from typing import Any

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.documentation import DocumentationReport
from core.ports.documentation import Runbook
from db.team.audit import ConflictError
from db.team.runbooks import RunbookConflictError, save_runbook
from pages.parts.documentation.prose import prose
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send

_LABELS = {"title": "Title", "body": "What to do"}
_STORE = Button("Store it", primary=True)
_LOOK = Button("See how it will look", ":material/visibility:")


def runbook_form(found: DocumentationReport, stored: Runbook | None, wanted: str = "") -> None:
    """The form.

    Args:
        found: the report.
        stored: the runbook that is changed; None for a new one.
        wanted: the id of a new one, where alert rules name it already.
    """
    named = wanted if stored is None else stored.runbook_id
    draft = Draft(f"runbook·{found.service}·{named}")
    shown = stored or Runbook(found.service, named, "", "")
    seen = begin_editing(draft, shown, _values_of, revision=shown.revision)
    with form(draft, _STORE, _LOOK) as sent:
        if stored is None:
            draft.text_input("Id, as alert rules name it", "runbook_id", disabled=bool(wanted))
        draft.text_input(_LABELS["title"], "title")
        draft.text_area(f"{_LABELS['body']} (markdown)", "body", height=320)
    _theirs(draft)
    if sent.button == _LOOK.label:
        with st.container(border=True, key="runbook_preview"):
            prose(str(sent.given["body"]))
    if sent.button != _STORE.label:
        return
    before, given = seen if seen.revision else None, draft.values(_values_of(shown))

    def save(store: Engine) -> Runbook:
        st.session_state.pop(draft.key("theirs"), None)
        try:
            made = save_runbook(store, found.service, before, given, **sent.signed)
        except RunbookConflictError as error:
            if error.theirs is not None:
                st.session_state[draft.key("theirs")] = (error.theirs, error.difference)
            raise ConflictError("runbook", error.theirs) from error
        if stored is None:
            st.query_params["runbook"] = made.runbook_id
        return made

    send(
        draft,
        save,
        lambda made: f"Stored at {wording.clock(sent.at)}: revision {made.revision}.",
        editing=Editing(seen, _values_of, {}),
    )


def _theirs(draft: Draft) -> None:
    """What somebody else has stored meanwhile, and from theirs to what was typed, line by line."""
    kept = st.session_state.get(draft.key("theirs"))
    if kept is None:
        return
    theirs, difference = kept
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption("Stored now")
        st.code(f"{theirs.title}\n\n{theirs.body}", language=None, wrap_lines=True)
    with right:
        st.caption("From what is stored to what you typed")
        st.code(difference, language="diff", wrap_lines=True)


def _values_of(one: Runbook) -> dict[str, Any]:
    return {"runbook_id": one.runbook_id, "title": one.title, "body": one.body}
