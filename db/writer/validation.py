"""Judging one row before it is sent: every refusal is a sentence that its author can act on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

from core.stats.histogram import CELLS
from db.writer.contract import EARLIEST, MAX_AHEAD, REQUIRED, Column, Kind, Table
from db.writer.personal import Withheld

_SHOWN = 60  # characters of a refused value that its sentence repeats


class ContractError(ValueError):
    """A row that breaks the metric contract.

    Attributes:
        table: name of the metric table, without its schema.
        key: the row's key columns as the caller gave them.
        field: the column at fault; the name of the constraint where the database refused the row.
        reason: the sentence that says what must change.
        count: how many rows of the call were refused; this error tells of the first.
    """

    def __init__(
        self, table: str, key: Mapping[str, object], field: str, reason: str, count: int = 1
    ) -> None:
        self.table = table
        self.key = dict(key)
        self.field = field
        self.reason = reason
        self.count = count
        named = ", ".join(f"{name}={_shown(value)}" for name, value in self.key.items())
        more = (
            f" ({count:,} rows of this call were refused; this is the first)" if count > 1 else ""
        )
        super().__init__(f"metrics.{table} ({named}): {reason}{more}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.table, self.key, self.field, self.reason, self.count)


class MismatchError(Exception):
    """Why one value may not stand in its column; becomes the reason of a ContractError."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _refuse(column: Column, value: object, must: str) -> MismatchError:
    # The text of a letter is never repeated: sentences end up in logs.
    shown = "" if column.name == "text" else f" == {_shown(value)}"
    return MismatchError(column.name, f"{column.name}{shown}, must {must}")


def _as_text(column: Column, value: object) -> str:
    if isinstance(value, Withheld):
        raise MismatchError(column.name, f"{column.name} must {value.must}")
    if not isinstance(value, str):
        raise _refuse(column, value, f"be text, not {type(value).__name__}")
    if "\0" in value:
        raise _refuse(column, value, "not contain the character NUL: PostgreSQL cannot store it")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refuse(
            column, value, "be valid Unicode: it holds half of a surrogate pair"
        ) from None
    if column.choices and value not in column.choices:
        raise _refuse(column, value, f"be one of {', '.join(column.choices)}")
    return str(value)


def _as_integer(column: Column, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise _refuse(column, value, f"be an integer, not {type(value).__name__}")
    number = int(value)
    _within(column, number)
    return number


def _as_double(column: Column, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise _refuse(column, value, f"be a number, not {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _refuse(column, value, "be a finite number")
    _within(column, number)
    return number


def _within(column: Column, number: float) -> None:
    low, high, above = column.low, column.high, column.above
    if low == 0 and number < 0:
        raise _refuse(column, number, "not be negative")
    if low is not None and number < low:
        raise _refuse(column, number, f"be at least {low}")
    if above is not None and not number > above:
        raise _refuse(column, number, f"be above {above}")
    if high is not None and number > high:
        raise _refuse(column, number, f"be at most {high}")


def _as_boolean(column: Column, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise _refuse(column, value, f"be True or False, not {type(value).__name__}")
    return bool(value)


def as_utc(column: Column, value: object) -> datetime:
    """The moment that a value names, in UTC.

    An aware datetime is converted; a numpy datetime64 is UTC by numpy's own convention.

    Raises:
        MismatchError: the value is naive or no time at all.
    """
    if isinstance(value, np.datetime64):
        moment = value.astype("datetime64[us]").item()
        if not isinstance(moment, datetime):
            raise _refuse(column, value, "be a time between the years 1 and 9999")
        return moment.replace(tzinfo=UTC)
    if not isinstance(value, datetime):
        raise _refuse(column, value, f"be a datetime with a time zone, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise _refuse(
            column,
            value,
            "have a time zone: a naive datetime does not say which moment it is "
            "(use datetime.now(UTC))",
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise _refuse(column, value, "be a time between the years 1 and 9999 in UTC") from None


def _as_time(column: Column, value: object, now: datetime) -> datetime:
    moment = as_utc(column, value)
    _near_now(column, moment, now)
    if column.floor and (moment - _EPOCH) % timedelta(seconds=column.floor):
        unit = "minute" if column.floor == 60 else "hour"
        raise _refuse(column, moment, f"be floored to the {unit} (UTC)")
    return moment


def _near_now(column: Column, moment: datetime, now: datetime) -> None:
    if moment - now > MAX_AHEAD:
        raise _refuse(
            column, moment, f"lie at most 5 minutes ahead of this clock ({now.isoformat()})"
        )
    if moment < EARLIEST:
        raise _refuse(column, moment, f"not lie before {EARLIEST.date()}")


def _as_date(column: Column, value: object, now: datetime) -> date:
    if isinstance(value, np.datetime64):
        day = value.astype("datetime64[D]")
        if day != value or not isinstance(day.item(), date):
            raise _refuse(column, value, "be a date")
        value = day.item()
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _refuse(column, value, f"be a date, not {type(value).__name__}")
    if value > (now + MAX_AHEAD).date():
        raise _refuse(column, value, f"not lie in the future: today is {now.date()} (UTC)")
    if value < EARLIEST.date():
        raise _refuse(column, value, f"not lie before {EARLIEST.date()}")
    return value


def _as_cells(column: Column, value: object) -> np.ndarray[Any, np.dtype[np.int64]]:
    try:
        cells = np.asarray(value)
    except ValueError:
        raise MismatchError(column.name, f"{column.name} must be {CELLS} integers") from None
    if cells.shape != (CELLS,):
        shape = f"{cells.size} cells" if cells.ndim == 1 else f"shape {cells.shape}"
        raise MismatchError(column.name, f"{column.name} has {shape}, must have {CELLS} cells")
    if cells.dtype.kind not in "iu":
        raise MismatchError(column.name, f"{column.name} must hold integers, not {cells.dtype}")
    if int(cells.min()) < 0:
        at = int(cells.argmin())
        raise MismatchError(
            column.name, f"{column.name}[{at + 1}] == {cells[at]}, must not be negative"
        )
    if column.high is not None and int(cells.max()) > column.high:
        at = int(cells.argmax())
        raise MismatchError(
            column.name, f"{column.name}[{at + 1}] == {cells[at]}, must be at most {column.high}"
        )
    return cells.astype(np.int64)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNTIMED: Final[dict[Kind, Callable[[Column, object], Any]]] = {
    Kind.TEXT: _as_text,
    Kind.BIGINT: _as_integer,
    Kind.SMALLINT: _as_integer,
    Kind.DOUBLE: _as_double,
    Kind.BOOLEAN: _as_boolean,
    Kind.CELLS: _as_cells,
}
_TIMED: Final[dict[Kind, Callable[[Column, object, datetime], Any]]] = {
    Kind.TIMESTAMP: _as_time,
    Kind.DATE: _as_date,
}


def check_value(column: Column, value: object, now: datetime) -> Any:
    """The value as its column takes it, or None where a null is allowed.

    Args:
        column: what the contract says of it.
        value: whatever the caller gave.
        now: the caller's clock, aware.

    Returns:
        str, int, float, bool, aware UTC datetime, date, or an int64 array of shape (162,).

    Raises:
        MismatchError: the value may not stand there.
    """
    if value is None or (isinstance(value, np.datetime64) and np.isnat(value)):
        if column.nullable:
            return None
        raise _refuse(column, None, "not be null")
    timed = _TIMED.get(column.kind)
    return timed(column, value, now) if timed else _UNTIMED[column.kind](column, value)


def check_row(table: Table, values: Mapping[str, object], now: datetime) -> dict[str, Any]:
    """A whole row as its table takes it, with defaults filled in.

    Raises:
        ContractError: the row breaks the contract.

    >>> from db.writer.contract import TABLES
    >>> row = {"service": "s", "day": date(2026, 5, 1), "metric": "letters", "value": 12}
    >>> check_row(TABLES["product_day"], row, datetime(2026, 5, 2, tzinfo=UTC))["segment"]
    'all'
    """
    try:
        row = {}
        for column in table.columns:
            value = values.get(column.name, column.default)
            if value is REQUIRED:
                raise MismatchError(column.name, f"{column.name} is missing")
            row[column.name] = check_value(column, value, now)
        for rule in table.rules:
            if not rule.holds(row):
                raise MismatchError(rule.field, _broken(rule.field, rule.must, row))
    except MismatchError as mismatch:
        key = {name: values.get(name) for name in table.key}
        raise ContractError(table.name, key, mismatch.field, mismatch.reason) from None
    return row


def _broken(field: str, must: str, row: Mapping[str, Any]) -> str:
    value = row[field]
    if isinstance(value, np.ndarray):
        return f"{field} adds up to {value.sum()}, must {must} == {row['letters'] - row['errors']}"
    others = [f"{name} == {_shown(row[name])}" for name in row if name in must and name != field]
    facts = f" ({', '.join(others)})" if others else ""
    return f"{field} == {_shown(value)}, must {must}{facts}"
