"""Somebody in front of the Experiment page, and what is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.experiment.definition import parse
from core.ports import Amendment, ExperimentDecision, ExperimentDefinition
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from db.team.experiments import create
from tests.db.readers.test_experiment import Row, upload
from tests.fakes_experiment import START, World, without

APP = str(Path(__file__).parents[3] / "app.py")


SERVICE, EXPERIMENT = "mail", "folder"


WORLD = World(users=5_000, complaints=5e-3, lifts={"treatment": -0.07})


class Desk:
    """A reader in front of the Experiment page of one store."""

    def __init__(self, store: Store, **query: str) -> None:
        self.store = store
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page("pages/experiment.py")
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def said(self) -> str:
        """Everything that the page says outside of tables and labels."""
        kinds = ("title", "markdown", "caption", "text", "warning", "info", "error")
        return "\n".join(one.value for kind in kinds for one in self.app.get(kind))

    def texts(self) -> list[str]:
        """What is shown as text, and never as markup."""
        return [one.value for one in self.app.text]

    def cells(self) -> str:
        """Everything in tables."""
        return "\n".join(one.value.to_csv(index=False) for one in self.app.dataframe)

    def type(self, form: str, **values: Any) -> None:
        """Fill in fields of a form, named as the draft names them."""
        for field, value in values.items():
            self._widget(f"{form}·{field}").set_value(value)

    def value(self, form: str, field: str) -> Any:
        """What a field shows."""
        return self._widget(f"{form}·{field}").value

    def disabled(self, form: str, field: str) -> bool:
        """Whether a field takes nothing."""
        return bool(self._widget(f"{form}·{field}").disabled)

    def press(self, label: str) -> None:
        """Press a button."""
        (button,) = [one for one in self.app.button if one.label == label]
        button.click()
        self.run()

    def open(self, key: str) -> None:
        """Open an expander."""
        self.app.session_state[key] = True
        self.run()

    def _widget(self, key: str) -> Any:
        kinds = ("text_input", "text_area", "number_input", "selectbox", "checkbox", "date_input")
        (found,) = [one for kind in kinds for one in self.app.get(kind) if one.key == key]
        return found


def today() -> date:
    return datetime.now(UTC).date()


def run_for(
    store: Store, days: int, world: World = WORLD, gone: dict[str, Any] | None = None
) -> None:
    """Rows of an experiment whose newest full day was yesterday, without some of them."""
    rows = without(world.rows(days), **gone) if gone else world.rows(days)
    later = today() - timedelta(days=days) - START
    upload(
        store,
        [
            Row(one.variant, one.day + later, one.bucket, one.sums, one.dimension, one.value)
            for one in rows
        ],
    )


def app_of(store: Store) -> Engine:
    return store.engine(Role.APP)


def stored(store: Store) -> tuple[ExperimentDefinition, ...]:
    return SqlExperimentReader(app_of(store)).definitions(SERVICE)


def amendments(store: Store) -> tuple[Amendment, ...]:
    return SqlExperimentReader(app_of(store)).amendments(SERVICE, EXPERIMENT)


def decisions(store: Store) -> tuple[ExperimentDecision, ...]:
    return SqlExperimentReader(app_of(store)).decisions(SERVICE, EXPERIMENT)


def definition(starts_on: date, **changes: Any) -> ExperimentDefinition:
    fields = {
        "service": SERVICE,
        "experiment": EXPERIMENT,
        "variants": [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}],
        "control": "control",
        "starts_on": starts_on,
        "minimum_days": 14,
        "planned_days": 28,
        "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
        "guardrails": [],
    }
    return parse(fields | changes)


def defined(store: Store, starts_on: date, **changes: Any) -> ExperimentDefinition:
    """An experiment that Anna defined a week before its start."""
    at = datetime.combine(starts_on, datetime.min.time(), UTC) - timedelta(days=7)
    return create(app_of(store), definition(starts_on, **changes), by="Anna", at=at)


FORM = f"definition·{SERVICE}·{EXPERIMENT}"


NEXT = f"definition·{SERVICE}·"


DECISION = f"decision·{SERVICE}·{EXPERIMENT}"


STOP = f"stop·{SERVICE}·{EXPERIMENT}"
