"""Fields that a person or a file filled in: read one by one, every wrong one named at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from math import isfinite
from numbers import Real

from core.timeframe import FIRST_YEAR, LAST_YEAR

#: The longest name and the longest text; more than that is a slip of the clipboard.
NAME_LENGTH, TEXT_LENGTH = 200, 10_000
#: The longest piece of a wrong value that is said back.
_SAID_BACK = 60


class FieldsError(ValueError):
    """Fields are missing or wrong.

    Attributes:
        problems: for each such field, a sentence for who filled it in.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{field}: {said}" for field, said in problems.items()))
        self.problems = dict(problems)


class Fields:
    """Reads fields by name. What cannot be read is noted in `problems` and comes back as None.

    >>> form = Fields({"days": "a week", "name": " folder "})
    >>> form.name("name"), form.whole("days", 1, 365), form.day("starts_on")
    ('folder', None, None)
    >>> form.problems["days"]
    "Must be a whole number from 1 to 365, and is 'a week'."
    >>> form.problems["starts_on"]
    'Is missing.'
    """

    def __init__(
        self, given: Mapping[str, object], within: str = "", problems: dict[str, str] | None = None
    ) -> None:
        """Read the fields of a mapping.

        Args:
            given: the fields by name; one that is None or an empty text counts as missing.
            within: what stands before their names where they belong to a field themselves.
            problems: where problems are noted together with those of other fields.
        """
        self._given = given
        self._within = within
        self.problems = {} if problems is None else problems

    def refuse(self, field: str, sentence: str) -> None:
        """Note that a field is wrong; what was noted first about it stands."""
        self.problems.setdefault(self._within + field, sentence)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Note every field that there is no such field for: it may be a known one, misspelt."""
        names = ", ".join(known) or "none"
        for field in self._given:
            if field not in known:
                self.refuse(str(field), f"There is no such field; there are {names}.")

    def has(self, field: str) -> bool:
        """Whether anything was filled in."""
        value = self._given.get(field)
        return value is not None and not (isinstance(value, str) and not value.strip())

    def name(self, field: str, among: Collection[str] | None = None) -> str | None:
        """A line of text that must be there, without the white space around it."""
        value = self._there(field)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(field, "a text", value)
            return None
        found = value.strip()
        if len(found) > NAME_LENGTH or not found.isprintable():
            self._wrong(field, f"one line of at most {NAME_LENGTH} characters", found)
            return None
        if among is not None and found not in among:
            self._wrong(field, f"one of {', '.join(among)}", found)
            return None
        return found

    def names(self, field: str, among: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of names, each once, in the order given; none where it is missing."""
        value = self._given.get(field)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self._wrong(field, "a list of names", value)
            return ()
        entries = Fields(
            {f"{field}[{number}]": entry for number, entry in enumerate(value)},
            self._within,
            self.problems,
        )
        found = [entries.name(f"{field}[{number}]", among) for number in range(len(value))]
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def text(self, field: str) -> str:
        """A text of any number of lines, '' where nothing was filled in."""
        value = self._given.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(field, "a text", value)
            return ""
        # Neither can be stored: PostgreSQL keeps no zero, and half a surrogate is no character.
        if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
            self._wrong(field, "a text without broken characters", value)
        elif len(value) > TEXT_LENGTH:
            self.refuse(field, f"Must have at most {TEXT_LENGTH:,} characters, has {len(value):,}.")
        return value.strip()

    def number(self, field: str) -> float | None:
        """A finite number that must be there."""
        value = self._there(field)
        if value is None:
            return None
        found = _finite(value)
        if found is None:
            self._wrong(field, "a number", value)
        return found

    def whole(self, field: str, least: int, most: int) -> int | None:
        """A whole number of [least, most] that must be there."""
        value = self._there(field)
        if value is None:
            return None
        found = _finite(value)
        if found is None or not found.is_integer() or not least <= found <= most:
            self._wrong(field, f"a whole number from {least} to {most}", value)
            return None
        return int(found)

    def day(self, field: str) -> date | None:
        """A day that must be there: a date, or a text such as 2026-06-01."""
        value = self._there(field)
        if value is None:
            return None
        found = _day(value)
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            self._wrong(field, "a day such as 2026-06-01", value)
            return None
        return found

    def below(self, field: str) -> Fields | None:
        """The fields of a field that must be there."""
        value = self._there(field)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self._wrong(field, "a mapping of fields", value)
            return None
        return Fields(value, f"{self._within}{field}.", self.problems)

    def each(self, field: str) -> list[Fields]:
        """The fields of every entry of a field that holds a list; none where it is missing."""
        value = self._given.get(field)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self._wrong(field, "a list", value)
            return []
        for number, entry in enumerate(value):
            if not isinstance(entry, Mapping):
                self._wrong(f"{field}[{number}]", "a mapping of fields", entry)
        return [
            Fields(entry, f"{self._within}{field}[{number}].", self.problems)
            for number, entry in enumerate(value)
            if isinstance(entry, Mapping)
        ]

    def _there(self, field: str) -> object | None:
        if not self.has(field):
            self.refuse(field, "Is missing.")
            return None
        return self._given[field]

    def _wrong(self, field: str, wanted: str, value: object) -> None:
        said = repr(value)
        if len(said) > _SAID_BACK:
            said = said[: _SAID_BACK - 1] + "…"
        self.refuse(field, f"Must be {wanted}, and is {said}.")


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if isfinite(found) else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return None  # whose day: it depends on the zone
    if isinstance(value, date):
        return value
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.isoformat() == value else None
