"""Runbooks as the team writes them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from core.fields import Fields, FieldsError
from core.ports.documentation import Runbook

RUNBOOK_FIELDS = ("runbook_id", "title", "body")


def parse_runbook(service: str, given: Mapping[str, object]) -> Runbook:
    """Read the fields of a runbook: RUNBOOK_FIELDS.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields({**given, "service": service})
    form.refuse_unknown((*RUNBOOK_FIELDS, "service"))
    name, runbook_id, title = (form.name(field) for field in ("service", "runbook_id", "title"))
    body = form.text("body")
    if not body:
        form.refuse("body", "Is missing: what is to be done?")
    if form.problems or name is None or runbook_id is None or title is None:
        raise FieldsError(form.problems)
    return Runbook(name, runbook_id, title, body)


def difference(before: Runbook, after: Runbook) -> str:
    """How two versions differ, line by line: a unified diff, '' where their texts are equal.

    It holds what people wrote: show it as code.
    """
    old, new = (f"{one.title}\n\n{one.body}".splitlines() for one in (before, after))
    return "\n".join(unified_diff(old, new, _called(before), _called(after), lineterm=""))


def _called(version: Runbook) -> str:
    return f"revision {version.revision}" if version.revision else "not saved"
