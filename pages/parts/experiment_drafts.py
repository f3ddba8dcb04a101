"""What people type into the forms of the Experiment page, kept until it is stored.

Fields have no initial values of their own: what they show is in the session, so that neither a
refresh nor somebody else's change takes away what somebody is typing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.parts import data

#: Whoever has filled in one form has filled in their name in the others.
_WHO = "experiment_who"


@dataclass(frozen=True, slots=True)
class Draft:
    """One form.

    Attributes:
        name: tells it from every other form, by what it is about.
    """

    name: str

    @property
    def signed(self) -> bool:
        """Whether the sign-in says who sends it, so that nobody types a name."""
        return bool(data.acting_name())

    def key(self, field: str) -> str:
        """The key of a field's widget."""
        return f"{self.name}·{field}"

    def begin(self, values: Mapping[str, Any], **seen: Any) -> None:
        """Show what `refill` asked for, else keep what is there, else begin anew.

        Args:
            values: what the fields show at first.
            seen: what these values were taken from.
        """
        wanted = st.session_state.pop(self.key("refill"), None)
        if any(self.key(field) not in st.session_state for field in values):
            who = {"by": st.session_state.get(_WHO, "")} if "by" in values else {}
            if wanted is None:
                st.session_state.pop(self.key("problems"), None)
                st.session_state.pop(self.key("told"), None)
            self._show(dict(values) | who, seen)
        if wanted is not None:
            self._show(*wanted)
        # A form that was begun before somebody gave a name in another one learns it, too.
        if "by" in values and not st.session_state[self.key("by")]:
            st.session_state[self.key("by")] = st.session_state.get(_WHO, "")
        if "by" in values and self.signed:
            st.session_state[self.key("by")] = data.acting_name()

    def refill(self, values: Mapping[str, Any], **seen: Any) -> None:
        """Show other values from the next run on: a field cannot be changed once it is drawn."""
        st.session_state[self.key("refill")] = (dict(values), seen)

    def values(self, fields: Sequence[str]) -> dict[str, Any]:
        """What the fields hold; the name is the signed-in person's, whatever the browser sends."""
        held = {field: st.session_state[self.key(field)] for field in fields}
        return held | {"by": data.acting_name()} if self.signed and "by" in held else held

    def seen(self, name: str) -> Any:
        """What the draft was begun from."""
        return st.session_state[self.key(f"seen {name}")]

    def refused(
        self, problems: Mapping[str, str], sentence: str = "", lines: Sequence[str] = ()
    ) -> None:
        """Nothing was stored: keep what is wrong by field, and a sentence, until it is sent again.

        Args:
            problems: by field.
            sentence: where it is not a field that is wrong.
            lines: what belongs to it.
        """
        st.session_state[self.key("problems")] = dict(problems)
        st.session_state[self.key("told")] = (False, sentence, tuple(lines))

    def accepted(self, sentence: str) -> None:
        """It was stored."""
        st.session_state[self.key("problems")] = {}
        st.session_state[self.key("told")] = (True, sentence, ())
        who = st.session_state.get(self.key("by"))
        if isinstance(who, str):
            st.session_state[_WHO] = who

    def outcome(self) -> None:
        """What became of the last sending."""
        good, sentence, lines = st.session_state.get(self.key("told"), (True, "", ()))
        if sentence:
            self.tell(sentence, lines, good=good)

    def tell(self, sentence: str, lines: Sequence[str], *, good: bool = False) -> None:
        """A sentence with what belongs to it, as text: it may hold what somebody typed."""
        icon = ":blue[:material/check_circle:]" if good else ":orange[:material/sync_problem:]"
        with st.container(border=not good, gap="xsmall"):
            _text(icon, sentence)
            for line in lines:
                st.text(f"• {line}")

    def problem(self, *fields: str) -> None:
        """What is wrong with the fields just above, as text: it may say back what was typed."""
        problems = st.session_state.get(self.key("problems"), {})
        for field in fields:
            if field in problems:
                _text(":red[:material/error:]", problems[field])

    def other_problems(self, fields: Sequence[str]) -> None:
        """What is wrong and stands beside none of the fields."""
        problems = st.session_state.get(self.key("problems"), {})
        for field, sentence in problems.items():
            if field not in fields:
                _text(":red[:material/error:]", f"{field}: {sentence}")

    def _show(self, values: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
        for field, value in values.items():
            st.session_state[self.key(field)] = value
        for name, value in seen.items():
            st.session_state[self.key(f"seen {name}")] = value


def _text(icon: str, sentence: str) -> None:
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(icon, width="content")
        st.text(sentence, width="stretch")
