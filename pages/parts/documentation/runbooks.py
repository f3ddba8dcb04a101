"""The runbooks: which one is open, what leads to it, and how it came to say what it says."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.documentation import DocumentationReport, RunbookView, difference
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.documentation.prose import prose
from pages.parts.documentation.runbook_form import runbook_form
from pages.parts.markdown import plain

#: The choice that writes a new one.
NEW = "(new)"


def runbooks(found: DocumentationReport, *, live: bool) -> None:
    """The list, and the one that the URL names: ?runbook=ID."""
    st.markdown("#### Runbooks")
    known = {view.runbook.runbook_id: view for view in found.runbooks}
    unwritten = dict(found.unwritten)
    offered = [*known, *unwritten, *([NEW] if live else [])]
    asked = st.query_params.get("runbook", "")
    with st.container():
        _notices(found, asked if asked not in offered else "")
    if not offered:
        return
    key = f"runbook·{found.service}"
    st.session_state[key] = asked if asked in offered else offered[0]
    chosen = st.selectbox(
        "Runbook",
        offered,
        key=key,
        format_func=lambda name: _called(name, known, unwritten),
        on_change=_remember,
        args=(key,),
    )
    if chosen in known:
        left, right = st.columns([3, 2], gap="medium")
        with left, st.container(border=True, key="runbook_text"):
            _text(known[chosen])
        with right:
            _history(found, chosen)
        if live:
            with st.expander("Change it", icon=":material/edit:"):
                runbook_form(found, known[chosen].runbook)
        return
    if chosen in unwritten:
        rules = wording.listing(list(unwritten[chosen]))
        verb = "leads" if len(unwritten[chosen]) == 1 else "lead"
        said = f"Nobody has written it; {rules} {verb} here."
        st.warning(plain(said), icon=":material/edit_off:")
    if live:
        runbook_form(found, None, "" if chosen == NEW else chosen)


def _notices(found: DocumentationReport, unknown: str) -> None:
    if "runbooks" in found.empty:
        st.info(found.empty["runbooks"], icon=":material/menu_book:")
    if found.without_runbook:
        rules = wording.listing(list(found.without_runbook))
        st.warning(plain(f"No runbook is named by {rules}."), icon=":material/link_off:")
    if unknown:
        st.info(plain(f"{found.service} has no runbook {unknown}."), icon=":material/info:")


def _remember(key: str) -> None:
    """The URL names what is open, so that a link shows what its sender saw."""
    st.query_params["runbook"] = st.session_state[key]


def _called(name: str, known: dict[str, RunbookView], unwritten: dict[str, tuple[str, ...]]) -> str:
    if name in known:
        return f"{known[name].runbook.title} ({name})"
    return f"{name}: not written" if name in unwritten else "Write another one"


def _text(view: RunbookView) -> None:
    one = view.runbook
    st.markdown(f"**{plain(one.title)}**")
    prose(one.body)
    changed = "" if one.changed_at is None else f", {wording.clock(one.changed_at)}"
    rules = (
        f"Led to by {wording.listing(list(view.rules))}." if view.rules else "No rule leads here."
    )
    st.caption(plain(f"Revision {one.revision}, by {one.changed_by}{changed}. {rules}"))


def _history(found: DocumentationReport, runbook_id: str) -> None:
    """Every version, the newest first: who wrote it, when, and what changed."""
    st.markdown("**History**")
    versions = data.runbook_history(found, runbook_id)
    if isinstance(versions, Problem):
        st.caption("The history cannot be read now.")
        return
    for at, version in enumerate(versions):
        when = "" if version.changed_at is None else wording.clock(version.changed_at, found.as_of)
        before = versions[at + 1] if at + 1 < len(versions) else None
        with st.container(key=f"version_{version.revision}", gap="xsmall"):
            st.text(f"Revision {version.revision}, {when}, {version.changed_by}")
            with st.expander("Its first text" if before is None else "What changed"):
                if before is None:
                    st.code(version.body, language=None, wrap_lines=True)
                else:
                    st.code(difference(before, version), language="diff", wrap_lines=True)
