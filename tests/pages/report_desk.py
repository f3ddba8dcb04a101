"""A reader in front of the False reports page, and reports in the store behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.false_reports.reviews import Seen
from core.false_reports.votes import in_second_share
from core.ports import Review
from core.timeframe import MINUTE, floor_to
from db.engine import Role, Store
from db.readers.report_reviews import reviews
from db.team.report_reviews import claim, decide
from tests.db.readers.serving import execute
from tests.db.team.report_rows import Report, put_reports

APP = str(Path(__file__).parents[2] / "app.py")
SERVICE = "mail"
RAW = (
    "insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind, "
    "source, letter_key, reporter_key, model_version, score, threshold, text, anonymiser, "
    "written_at) values (:service, :report_id, :at, :at, 'false_positive', 'user', :report_id, "
    ":report_id, 'bert-3', 0.95, 0.5, 'raw', 'theirs', :at)"
)


class Reader:
    """A reader in front of the False reports page of one store."""

    def __init__(self, store: Store, **query: str) -> None:
        self.store = store
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page("pages/false_reports.py")
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def said(self) -> str:
        """Everything that the page says outside of tables and labels."""
        kinds = ("title", "markdown", "caption", "text", "warning", "info", "error")
        return "\n".join(one.value for kind in kinds for one in self.app.get(kind))

    def cells(self) -> str:
        """Everything in tables."""
        return "\n".join(one.value.to_csv(index=False) for one in self.app.dataframe)

    def html(self) -> str:
        """Everything that is sent as HTML, but for the style sheet."""
        return "\n".join(one.proto.body for one in self.app.get("html") if "<div" in one.proto.body)

    def button(self, label: str) -> Any:
        """A button by the beginning of its label."""
        found = [one for one in self.app.button if one.label.startswith(label)]
        exact = [one for one in found if one.label == label]
        (button,) = exact or found
        return button

    def press(self, label: str) -> None:
        """Press a button."""
        self.button(label).click()
        self.run()

    def begin(self, name: str = "Анна") -> None:
        """Say who reviews, and take the first group."""
        self.app.text_input(key="reviewer").set_value(name)
        self.run()
        self.press("Start reviewing")

    def note(self, words: str) -> None:
        """Write a note on the group at hand."""
        (field,) = [one for one in self.app.text_input if one.label == "Note"]
        field.set_value(words)
        self.run()

    def votes(self) -> tuple[Review, ...]:
        """Every vote in the store."""
        with self.store.engine(Role.APP).connect() as connection:
            return reviews(connection, SERVICE, datetime.now(UTC) + MINUTE)


def yesterday() -> datetime:
    return floor_to(datetime.now(UTC), MINUTE) - timedelta(days=1)


def came(store: Store, *reports: str) -> None:
    for report_id in reports:
        values = {"service": SERVICE, "report_id": report_id, "at": yesterday()}
        execute(store.engine(Role.SERVING), RAW, **values)


def taken(store: Store, *reports: str, **texts: str) -> list[int]:
    """Reports in groups of their own, or in one by the first letter of their names."""
    came(store, *reports)
    rows = [
        Report(
            report_id,
            report_id[0],
            text=texts.get(report_id[0], f"Letter {report_id[0]} for [PERSON_1]"),
            reported_at=yesterday(),
            predicted_at=yesterday(),
        )
        for report_id in reports
    ]
    return list(put_reports(store.engine(Role.OWNER), SERVICE, rows).values())


def vote(store: Store, group_id: int, reviewer: str, verdict: str, note: str) -> None:
    at = yesterday() + timedelta(hours=1 if reviewer == "Борис" else 2)
    held = claim(store.engine(Role.APP), SERVICE, group_id, reviewer, at=at)
    decide(
        store.engine(Role.APP),
        SERVICE,
        Seen(group_id, held.group_version, held.exemplar, held.stage),
        verdict,
        reviewer=reviewer,
        at=at,
        request_id=reviewer,
        reason="decision_was_right" if verdict == "reject" else "",
        note=note,
    )


def settle(store: Store, group_id: int) -> None:
    """A second opinion where the group is one of those that get one."""
    if in_second_share(group_id)[0]:
        vote(store, group_id, "Галя", "confirm", "")
