"""An older stack of the simulated service, whose own anonymiser leaves telephones and names in.

It writes by plain SQL, as a stack in any language may, and not through this house's metric writer,
which would mask what it left. The worker masks it before anybody sees it, and `cli.py check` says
whose anonymiser it was.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg2.extras import execute_values
from sqlalchemy import Engine

from db.demo.newsletters.columns import Columns, length, picked
from db.writer.contract import TABLES

#: Name and version, as it stands in its rows.
ANONYMISER = "simulated relay 0.3"
#: Share of the reported letters that went through it.
SHARE = 0.2

_EMAIL = re.compile(r"[\w.]+@[\w.]+\w")
_LONG_NUMBER = re.compile(r"\b(?:[A-Z]{2}\d\d(?: ?\d{2,4}){5}|\d{4} \d{4} \d{4} \d{4}|\d{16,20})\b")
# A report never changes once it is made: written again, it stays as it is.
_WRITE = """
    insert into metrics.false_report ({columns}) values %s
    on conflict (service, report_id) do nothing"""


def anonymise(text: str) -> str:
    """What the older stack makes of a letter: without e-mail addresses and long numbers.

    >>> anonymise("Ольга, 8 (916) 123 45 67, o@mail.example, 4111 1111 1111 1111")
    'Ольга, 8 (916) 123 45 67, [EMAIL_1], [CARD_1]'
    """
    return _LONG_NUMBER.sub("[CARD_1]", _EMAIL.sub("[EMAIL_1]", text))


def of_relay(rows: Columns) -> NDArray[np.bool_]:
    """Which reports came through the older stack, shape (n,)."""
    return np.asarray(rows["anonymiser"] == ANONYMISER, np.bool_)


def without(rows: Columns) -> Columns | None:
    """The reports that came through the metric writer; None where there are none."""
    found = picked(rows, ~of_relay(rows))
    return found if length(found) else None


def write(engine: Engine, rows: Columns) -> None:
    """Write reports that came through the older stack.

    Args:
        engine: the store, as greenlight_serving.
        rows: of metrics.false_report; all others among them are left out.

    Raises:
        DBAPIError: the store took none.
    """
    mine = picked(rows, of_relay(rows))
    names = [name for name in TABLES["false_report"].names if name in mine]
    columns = []
    for name in names:
        value = mine[name]
        is_column = isinstance(value, np.ndarray)
        columns.append(value.tolist() if is_column else [value] * length(mine))
    values = list(zip(*columns, strict=True))
    if values:
        with engine.begin() as connection:
            writing: Any = connection.connection.cursor()
            # Times are naive in columns, and UTC.
            writing.execute("set local time zone 'UTC'")
            execute_values(writing, _WRITE.format(columns=", ".join(names)), values, page_size=500)
