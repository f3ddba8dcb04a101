"""A reader in front of a page of on-call, incidents or documentation."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.timeframe import MINUTE, floor_to
from db.engine import Role, Store
from tests.db.readers.serving import execute

APP = str(Path(__file__).parents[2] / "app.py")
SERVICE = "mail"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: What markdown, HTML and the mathematics of a page would act on.
HOSTILE = "**b** <img src='https://evil.example/a.png'> $x$"
LIVE = re.compile(r"(?<!\\)(?:<img|\*\*b|\$x)")
FIELDS = (
    *("text_input", "text_area", "number_input", "selectbox", "multiselect", "date_input"),
    *("time_input", "datetime_input"),
)


def now() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE)


def app_of(store: Store) -> Engine:
    return store.engine(Role.APP)


def known(store: Store, service: str = SERVICE) -> None:
    """A service that has written something."""
    execute(
        store.engine(Role.SERVING),
        "insert into metrics.deployment (service, deployment_id, deployed_at, model_version, "
        "stage) values (:service, 'd', :at, 'v1', 'production')",
        service=service,
        at=now() - 2 * DAY,
    )


class Desk:
    """A reader in front of one page of a store."""

    def __init__(self, page: str, **query: str) -> None:
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page(f"pages/{page}.py")
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def refresh(self) -> None:
        """Draw the page anew once the two seconds are over that it looks at the store no more."""
        st.cache_data.clear()
        self.run()

    @property
    def title(self) -> str:
        """The page's first sentence."""
        return _plain(self.app.title[0].value)

    def said(self) -> str:
        """Everything that the page says outside of tables and labels, as a reader sees it."""
        marked = ("title", "markdown", "caption", "warning", "info", "error")
        said = [_plain(one.value) for kind in marked for one in self.app.get(kind)]
        said += [one.value for kind in ("text", "code") for one in self.app.get(kind)]
        return "\n".join(said)

    def live_markup(self) -> list[str]:
        """What of HOSTILE would be acted on as markup."""
        kinds = ("title", "markdown", "caption", "warning", "info", "error")
        shown = [one.value for kind in kinds for one in self.app.get(kind)]
        shown += [one.value.to_csv(index=False) for one in self.app.table]
        return [one for one in shown if LIVE.search(one)]

    def texts(self) -> list[str]:
        """What is shown as text, and never as markup."""
        return [one.value for one in self.app.text]

    def cells(self) -> str:
        """Everything in tables, as a reader sees it."""
        grids = [one.value.to_csv(index=False) for one in self.app.dataframe]
        return "\n".join(
            [*grids, *(_plain(one.value.to_csv(index=False)) for one in self.app.table)]
        )

    def type(self, form: str, **values: Any) -> None:
        """Fill in fields of a form, named as the draft names them."""
        for field, value in values.items():
            self.field(f"{form}·{field}").set_value(value)

    def value(self, form: str, field: str) -> Any:
        """What a field shows."""
        return self.field(f"{form}·{field}").value

    def field(self, key: str) -> Any:
        """A field by its key."""
        (found,) = [one for kind in FIELDS for one in self.app.get(kind) if one.key == key]
        return found

    def has(self, label: str) -> bool:
        """Whether there is such a button."""
        return any(one.label == label for one in self.app.button)

    def press(self, label: str, form: str = "") -> None:
        """Press a button, where several are called so that of a form."""
        (button,) = [
            one for one in self.app.button if one.label == label and form in (one.form_id or "")
        ]
        button.click()
        self.run()


def _plain(marked: str) -> str:
    """Text without the backslashes and joiners that keep markdown from acting on it."""
    return re.sub(r"\\(.)", r"\1", marked).replace("\u2060", "")
