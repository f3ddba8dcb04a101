"""Empty, unmigrated, unreachable, unknown: each state is a sentence, never a traceback."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from db.engine import Role, Store
from db.worker import Worker
from tests.db.readers.serving import BEGIN, MINUTE, row, write

APP = str(Path(__file__).parents[2] / "app.py")


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Run app.py against an address, with query parameters."""

    def run(address: str, **query: str) -> AppTest:
        monkeypatch.setenv("DATABASE_URL", address)
        app = AppTest.from_file(APP, default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    st.cache_resource.clear()
    st.cache_data.clear()
    yield run
    st.cache_resource.clear()
    st.cache_data.clear()


def full(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def said(app: AppTest) -> str:
    """Everything the page says in words."""
    kinds = (app.title, app.markdown, app.caption, app.error, app.warning, app.info, app.code)
    return "\n".join(element.value for kind in kinds for element in kind)


def test_an_empty_store_greets_with_three_commands_and_the_plan(
    visit: Callable[..., AppTest], database: URL
) -> None:
    app = visit(full(database))
    assert app.title[0].value == "No service has written anything yet"
    assert len(app.code) == 3
    assert [each.label for each in app.button] == ["Begin its plan"]


def test_a_store_without_a_schema_says_which_command_mends_it(
    visit: Callable[..., AppTest], empty_database: URL
) -> None:
    shown = said(visit(full(empty_database)))
    assert "has no schema yet" in shown
    assert "cli.py migrate" in shown


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://nobody@localhost:1/nowhere", "The store does not answer"),
        ("mysql://root:secret@localhost/greenlight", "PostgreSQL 15 or newer"),
    ],
)
def test_a_store_that_cannot_be_had_is_a_sentence_without_its_password(
    visit: Callable[..., AppTest], address: str, why: str
) -> None:
    shown = said(visit(address))
    assert why in shown
    assert "secret" not in shown


def test_an_unknown_service_appears_with_exact_numbers_after_one_tick(
    visit: Callable[..., AppTest], database: URL, store: Store
) -> None:
    write(store, [row(BEGIN + at * MINUTE, letters=1_000_000, errors=100) for at in range(90)])
    worker = Worker(store, now=lambda: BEGIN + 91 * MINUTE)
    worker.tick()
    worker.close()
    as_of = (BEGIN + 90 * MINUTE).strftime("%Y-%m-%dT%H:%MZ")
    app = visit(full(database), service="mail", as_of=as_of, window="1h")
    shown = said(app)
    assert "### 99.9900 %" in shown
    assert "60M letters" in shown
    assert "No goal has been set for mail" in shown


def test_text_of_a_serving_stack_is_never_markup(
    visit: Callable[..., AppTest], database: URL, store: Store
) -> None:
    with store.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text(
                "insert into team.goal (goal_id, service, title, starts_on, due_on) values "
                "('g', 'mail', :title, '2025-01-01', '2026-01-01')"
            ),
            {"title": "**bold** ![x](https://example.org/x.png) <img src=x> $a$"},
        )
    write(store, [row(BEGIN, letters=10)])
    app = visit(full(database), service="mail")
    shown = next(caption.value for caption in app.caption if "bold" in caption.value)
    assert "**bold**" not in shown
    assert "![x]" not in shown
    assert "<img" not in shown.replace("\\<", "")
