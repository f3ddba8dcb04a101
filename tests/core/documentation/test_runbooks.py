"""Runbooks as people fill them in, and how two versions differ."""

from __future__ import annotations

from typing import Any

import pytest

from core.documentation.runbooks import difference, parse_runbook
from core.fields import FieldsError
from core.ports.documentation import Runbook

FORM: dict[str, Any] = {"runbook_id": "slow", "title": "Медленно", "body": "1. **Look.**"}


def test_a_runbook_is_read_from_its_form():
    assert parse_runbook("mail", FORM) == Runbook("mail", "slow", "Медленно", "1. **Look.**")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"runbook_id": ""}, "runbook_id"),
        ({"title": "two\nlines"}, "title"),
        ({"body": " "}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(changed: dict[str, Any], field: str):
    with pytest.raises(FieldsError) as refusal:
        parse_runbook("mail", {**FORM, **changed})
    assert list(refusal.value.problems) == [field]


def test_two_versions_are_told_apart_line_by_line():
    theirs = Runbook("mail", "slow", "Slow", "look\nrestart", 3)
    ours = Runbook("mail", "slow", "Slow", "look\nroll back")
    told = difference(theirs, ours)
    assert told.startswith("--- revision 3\n+++ not saved\n")
    assert told.endswith(" look\n-restart\n+roll back")
    assert difference(theirs, theirs) == ""
