"""Forms are written as fields of their drafts: how one is drawn loses nothing of what it shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection

from tests.bench.streamlit_server import serve

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

#: A form whose fields were filled, as all forms of the pages draw theirs.
SCRIPT = """
import streamlit as st

from pages.parts.drafts import Draft

draft = Draft("plan")
draft.begin({"name": "Beta", "hands": 3, "kind": "simplify"})
with st.form(draft.form):
    draft.text_input("Name", "name")
    draft.number_input("Hands", "hands", 1, 100, step=1)
    draft.selectbox("Kind", ["extra", "simplify"], "kind", index=None)
    st.form_submit_button("Send", key=draft.key("send"))
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[ClientConnection]:
    """What a browser's connection sees of the form."""
    script = tmp_path / "form.py"
    script.write_text(SCRIPT, "utf-8")
    with serve(script, {"PYTHONPATH": str(ROOT)}) as server, server.session() as connection:
        yield connection


def drawn(connection: ClientConnection, held: Sequence[WidgetState] = ()) -> dict[str, Any]:
    """The fields as a run of the script draws them, by label.

    Args:
        connection: to the server.
        held: what the browser says that its fields hold: those that it has drawn.
    """
    asked = BackMsg()
    asked.rerun_script.context_info.timezone = "UTC"
    asked.rerun_script.widget_states.widgets.extend(held)
    connection.send(asked.SerializeToString())
    found: dict[str, Any] = {}
    while True:
        message = ForwardMsg.FromString(connection.recv(timeout=60))  # type: ignore[arg-type]
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            return found
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            name = element.WhichOneof("type")
            if name in FIELDS:
                field = getattr(element, name)
                found[field.label] = field


def test_a_value_is_said_again_until_the_browser_has_said_it_back(browser: ClientConnection):
    drawn(browser)
    again = drawn(browser)

    name, hands, kind = again["Name"], again["Hands"], again["Kind"]
    assert (name.set_value, name.value) == (True, "Beta")
    assert (hands.set_value, hands.value) == (True, 3)
    assert (kind.set_value, kind.raw_value) == (True, "simplify")


def test_what_the_browser_holds_is_not_said_again_over_what_somebody_types(
    browser: ClientConnection,
):
    name = drawn(browser)["Name"]
    again = drawn(browser, [WidgetState(id=name.id, string_value="Beta")])

    assert not again["Name"].set_value
    assert again["Hands"].set_value, "the browser has not drawn it yet"


def test_a_field_that_may_be_empty_has_no_value_to_fall_back_to(browser: ClientConnection):
    first = drawn(browser)

    assert not first["Hands"].HasField("default")
    assert not first["Kind"].HasField("default")


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
