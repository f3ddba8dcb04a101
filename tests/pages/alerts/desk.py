"""Somebody in front of the Alerts page, and what they find there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.ports.alerts import Episode
from core.timeframe import DAY
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from tests.db.alert_world import SERVICE

APP = str(Path(__file__).parents[3] / "app.py")


#: What was evaluated is as if it had been just now, however long other tests took before.
FRESH = """
    update team.alert_evaluation set at = date_trunc('minute', now())
    where at = (select max(at) from team.alert_evaluation)"""


MARKUP = "**bold** ![x](https://example.org/x.png) <img src=x> $a$"


class Desk:
    """Somebody in front of the Alerts page of one store."""

    def __init__(self, store: Store, **query: str) -> None:
        self.reader = SqlAlertReader(store.engine(Role.APP))
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page("pages/alerts.py")
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def said(self) -> str:
        """Everything that the page says outside of tables and labels."""
        kinds = ("title", "markdown", "caption", "text", "warning", "info", "error")
        return "\n".join(one.value for kind in kinds for one in self.app.get(kind))

    def type(self, form: str, **values: Any) -> None:
        """Fill in fields of a form of the opened alert, or of another one by its full name."""
        for field, value in values.items():
            self.widget(form, field).set_value(value)

    def widget(self, form: str, field: str) -> Any:
        """One field."""
        kinds = (
            *("text_input", "text_area", "number_input", "selectbox"),
            *("checkbox", "multiselect"),
        )
        (found,) = [
            one
            for kind in kinds
            for one in self.app.get(kind)
            if (one.key or "").startswith(f"alert {form}·") and one.key.endswith(f"·{field}")
        ]
        return found

    def press(self, label: str) -> None:
        """Press a button."""
        (button,) = [one for one in self.app.button if one.label == label]
        button.click()
        self.run()

    def buttons(self) -> list[str]:
        """What can be pressed."""
        return [one.label for one in self.app.button]

    def open_another(self) -> None:
        """Open the first alert of the list that is not open."""
        next(one for one in self.app.button if (one.key or "").startswith("look_")).click()
        self.run()

    def opened(self) -> Episode:
        """The alert that is open on the page, as it is stored."""
        number = int(self.app.query_params["episode"][0])
        now = datetime.now(UTC)
        found = self.reader.episodes(SERVICE, now - DAY, now)
        return next(one for one in found if one.episode_id == number)

    def holding(self) -> list[tuple[str, str]]:
        """Who acknowledged, with which note."""
        now = datetime.now(UTC)
        made = self.reader.acknowledgements(SERVICE, now - DAY, now)
        return [(one.by, one.note) for one in made]


def change(store: Store, statement: str, **values: object) -> None:
    """What happens to a store beside the page."""
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(text(statement), values)


def pick(desk: Desk, rule_id: str) -> None:
    """Choose a rule to change."""
    (choice,) = [one for one in desk.app.selectbox if one.key == f"alert_rule·{SERVICE}"]
    choice.set_value(rule_id)
    desk.run()


def rule(desk: Desk, rule_id: str) -> Any:
    return next(one for one in desk.reader.rules(SERVICE) if one.rule_id == rule_id)
