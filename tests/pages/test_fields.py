"""Forms are written as fields of their drafts: how one is drawn loses nothing of what it shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Widgets that hold a value, as Streamlit calls them.
FIELDS = {
    *("text_input", "text_area", "number_input", "selectbox", "multiselect", "checkbox", "radio"),
    *("date_input", "time_input", "datetime_input", "toggle", "slider", "pills"),
    *("segmented_control", "select_slider", "color_picker"),
}
#: Forms of their own, each with its reason.
OTHER_FORMS = {
    "pages/parts/forms.py": "it is where all others are drawn",
    "pages/parts/false_reports/withdrawal.py": "it begins empty and its button is a callback",
}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Every call of a method in the pages: in which file, and what is called."""
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path.relative_to(ROOT).as_posix(), node, node.func.attr


def by_hand(call: ast.Call) -> bool:
    """Whether a widget gets a draft's key without being one of its fields."""
    keys = [one.value for one in call.keywords if one.arg == "key"]
    return any(
        isinstance(node, ast.Attribute) and node.attr == "key"
        for key in keys
        for node in ast.walk(key)
    )


def test_a_widget_with_a_drafts_key_is_drawn_by_the_draft():
    found = [
        f"{where}:{call.lineno}"
        for where, call, name in calls()
        if name in FIELDS and by_hand(call)
    ]

    assert found == [], "draft.text_input(label, field) draws it so that its value arrives"


def test_a_widget_drawn_by_hand_would_be_found():
    (call,) = [
        node
        for node in ast.walk(ast.parse('left.text_input("Who", key=draft.key("by"))'))
        if isinstance(node, ast.Call) and len(node.args) == 1 and node.keywords
    ]

    assert by_hand(call)


def test_all_forms_are_drawn_in_one_place():
    found = {where for where, _, name in calls() if name == "form_submit_button"}

    assert found == set(OTHER_FORMS)
