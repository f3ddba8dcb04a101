"""What people type into forms, kept until it is stored, and the fields that show it.

What a field shows is in the session, so that neither a refresh nor somebody else's change takes
away what somebody is typing. A field is drawn by its draft: it stands for its key, for its value
to arrive in the browser, and for what is wrong with it being said below it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import streamlit as st

from core.timeframe import FIRST_YEAR, LAST_YEAR
from pages.parts import data

#: Whoever has filled in one form has filled in their name in the others.
_WHO = "form_who"
#: What a field takes; by itself it would refuse what is stored for more than ten years on.
_DAYS = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_MOMENTS = datetime.combine(_DAYS[0], time.min), datetime.combine(_DAYS[1], time(23, 59))
#: Days are written as everywhere on the pages.
_FORMAT = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Draft:
    """One form.

    Attributes:
        name: tells it from every other form, by what it is about.
    """

    name: str
    _drawn: list[str] = dataclasses.field(default_factory=list, init=False, compare=False)
    _beside: set[str] = dataclasses.field(default_factory=set, init=False, compare=False)

    @property
    def signed(self) -> bool:
        """Whether the sign-in says who sends it, so that nobody types a name."""
        return bool(data.acting_name())

    @property
    def form(self) -> str:
        """The key of the form itself: another one each time that it is filled anew.

        The browser keeps what is typed into a form apart until it is sent, and sends that even
        where the form shows something else since; a form of a new name has nothing of that kind.
        """
        return self.key(f"form {st.session_state.get(self.key('turn'), 0)}")

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
        # Fields outlive their form (see `_kept`), its button does not: it tells whether the form
        # was there a moment ago.
        asked = [*values, *(["send"] if values else [])]
        if any(self.key(field) not in st.session_state for field in asked):
            who = {"by": st.session_state.get(_WHO, "")} if "by" in values else {}
            if wanted is None:
                st.session_state.pop(self.key("problems"), None)
                st.session_state.pop(self.key("told"), None)
            self._show(dict(values) | who, seen)
        if wanted is not None:
            filled, origin = wanted
            # All of a form that is filled anew is said to the browser: see `form`.
            self._show((self.values(values) if filled else {}) | filled, origin)
        # A form that was begun before somebody gave a name in another one learns it, too.
        if "by" in values and not self.value("by"):
            st.session_state[self.key("by")] = st.session_state.get(_WHO, "")
        if "by" in values and self.signed:
            st.session_state[self.key("by")] = data.acting_name()

    def refill(self, values: Mapping[str, Any], **seen: Any) -> None:
        """Show other values from the next run on: a field cannot be changed once it is drawn."""
        wanted, origin = st.session_state.get(self.key("refill"), ({}, {}))
        st.session_state[self.key("refill")] = ({**wanted, **values}, {**origin, **seen})

    def values(self, fields: Iterable[str]) -> dict[str, Any]:
        """What the fields hold; the name is the signed-in person's, whatever the browser sends."""
        held = {field: st.session_state[self.key(field)] for field in fields}
        return held | {"by": data.acting_name()} if self.signed and "by" in held else held

    def value(self, field: str) -> Any:
        """What one field holds."""
        return self.values([field])[field]

    def typed(self) -> dict[str, Any]:
        """What all fields hold that were drawn in this run, without who sends it."""
        return self.values(name for name in self._drawn if name != "by")

    @property
    def sender(self) -> str:
        """Who sends it, as its field says; '' where it has none."""
        return str(self.value("by")) if "by" in self._drawn else ""

    def seen(self, name: str) -> Any:
        """What the draft was begun from."""
        return st.session_state[self.key(f"seen {name}")]

    def text_input(self, label: str, field: str, **options: Any) -> None:
        """A line of text."""
        st.text_input(label, **self._kept(field), **options)
        self.problem(field)

    def text_area(self, label: str, field: str, **options: Any) -> None:
        """Lines of text."""
        st.text_area(label, **self._kept(field), **options)
        self.problem(field)

    def number_input(
        self, label: str, field: str, least: Any = None, most: Any = None, **options: Any
    ) -> None:
        """A number that may be left empty, as those of the form that do not say otherwise."""
        st.number_input(label, least, most, **{"value": None, **self._kept(field), **options})
        self.problem(field)

    def checkbox(self, label: str, field: str, **options: Any) -> None:
        """Yes or no."""
        st.checkbox(label, **self._kept(field), **options)
        self.problem(field)

    def radio(self, label: str, options: Sequence[Any], field: str, **more: Any) -> None:
        """One of a few, all of them in sight."""
        st.radio(label, options, **self._kept(field), **more)
        self.problem(field)

    def selectbox(self, label: str, options: Iterable[Any], field: str, **more: Any) -> None:
        """One of many; with `index=None` it may be none of them."""
        st.selectbox(label, list(options), **self._kept(field), **more)
        self.problem(field)

    def multiselect(self, label: str, options: Iterable[Any], field: str, **more: Any) -> None:
        """Any of many."""
        st.multiselect(label, list(options), **self._kept(field), **more)
        self.problem(field)

    def date_input(self, label: str, field: str, **options: Any) -> None:
        """A day that a plan may have, or none."""
        first, last = _DAYS
        st.date_input(label, None, first, last, format=_FORMAT, **self._kept(field), **options)
        self.problem(field)

    def time_input(self, label: str, field: str, **options: Any) -> None:
        """A time of day, or none."""
        st.time_input(label, None, **self._kept(field), **options)
        self.problem(field)

    def datetime_input(self, label: str, field: str, **options: Any) -> None:
        """A moment without a zone, which the label names; or none."""
        first, last = _MOMENTS
        st.datetime_input(label, None, first, last, format=_FORMAT, **self._kept(field), **options)
        self.problem(field)

    def offered(self, field: str, options: Iterable[Any]) -> list[Any]:
        """The options of a choice with what is chosen, even where it is none of them any more."""
        held, known = self.value(field), list(options)
        return known if held in known or held in (None, "") else [*known, held]

    def only(self, field: str, options: Iterable[Any], otherwise: Any = None) -> None:
        """Before a choice is drawn: what somebody else has taken back meanwhile is not chosen.

        Args:
            field: of one option, or of a list of them.
            options: that there are.
            otherwise: what is chosen instead of one that is gone.
        """
        held, known = self.value(field), list(options)
        left: Any = otherwise
        if isinstance(held, list):
            left = [one for one in held if one in known]
        elif held in known:
            left = held
        if left != held:
            st.session_state[self.key(field)] = left

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
        self._beside.update(fields)
        problems = st.session_state.get(self.key("problems"), {})
        for field in fields:
            if field in problems:
                _text(":red[:material/error:]", problems[field])

    def other_problems(self) -> None:
        """What is wrong and was said beside no field that was drawn."""
        problems = st.session_state.get(self.key("problems"), {})
        for field, sentence in problems.items():
            if field not in self._beside:
                _text(":red[:material/error:]", f"{field}: {sentence}")

    def _kept(self, field: str) -> dict[str, Any]:
        """How a field's widget is known, and how its value comes to the browser.

        A value that was put into the session is said to the browser in the one run that put it
        there. A run that follows before the browser has drawn the field takes it away unseen: the
        field would be empty, and be sent empty. A value that is to persist is said again until the
        browser has said the field back. `begin` begins a form anew that was not there for a while.
        """
        if field not in self._drawn:
            self._drawn.append(field)
        return {"key": self.key(field), "persist_state": "page"}

    def _show(self, values: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
        if values:
            st.session_state[self.key("turn")] = st.session_state.get(self.key("turn"), 0) + 1
        for field, value in values.items():
            st.session_state[self.key(field)] = value
        for name, value in seen.items():
            st.session_state[self.key(f"seen {name}")] = value


def _text(icon: str, sentence: str) -> None:
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        st.markdown(icon, width="content")
        st.text(sentence, width="stretch")
