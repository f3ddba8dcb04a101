"""The Documentation page: the card and the runbooks, against the store; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from core.documentation.markdown import JOINER
from core.ports.documentation import Runbook, ServiceCard
from core.timeframe import write_time
from db.engine import Store
from db.readers.documentation import SqlDocumentationReader
from db.team.cards import save_card
from db.team.runbooks import save_runbook
from tests.db.readers.serving import execute
from tests.pages.operate import DAY, HOUR, SERVICE, Desk, app_of, known, now

CARD, NEW = f"card·{SERVICE}", f"runbook·{SERVICE}·"
SLOW = f"runbook·{SERVICE}·slow"
ANSWERS = {"repository": "git.example/mail", "logs": "/var/log", "problems": "Slow", "knobs": "n"}


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))
    known(store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def written(store: Store, body: str, seen: Runbook | None = None, by: str = "Анна") -> Runbook:
    given = {"runbook_id": "slow", "title": "It is slow", "body": body}
    return save_runbook(app_of(store), SERVICE, seen, given, by=by, at=now() - HOUR)


def card(store: Store) -> ServiceCard | None:
    return SqlDocumentationReader(app_of(store)).card(SERVICE, now() + HOUR)


def history(store: Store) -> list[str]:
    found = SqlDocumentationReader(app_of(store)).history(SERVICE, "slow", now() + HOUR)
    return [one.body for one in found]


def test_a_card_is_complete_with_four_of_four(store: Store):
    desk = Desk("documentation")
    assert desk.title.startswith("The card of mail has none of four answers: ")
    assert "**0 of 4**" in desk.said()
    some = {"card_repository": "git.example/mail", "card_problems": "# Slow\nRestart"}
    desk.type(CARD, **some)
    desk.press("Store the card")
    assert "Is missing." in desk.texts()  # who
    assert card(store) is None
    desk.type(CARD, by="Анна")
    desk.press("Store the card")
    assert desk.title == "The card of mail has two of four answers: logs and config knobs missing"
    desk.type(CARD, card_logs="/var/log", card_knobs="threads")
    desk.press("Store the card")
    assert desk.title == "The card of mail is complete, four of four"
    assert card(store).logs == "/var/log"  # type: ignore[union-attr]


def test_two_who_fill_in_a_card_see_both_versions(store: Store):
    first = save_card(app_of(store), SERVICE, None, ANSWERS, by="Анна", at=now() - DAY)
    desk = Desk("documentation")
    save_card(
        app_of(store),
        SERVICE,
        first,
        ANSWERS | {"logs": "/logs", "knobs": "m"},
        by="Вера",
        at=now(),
    )
    desk.type(CARD, card_logs="/mine", by="Глеб")
    desk.press("Store the card")
    assert "Вера has changed this card meanwhile." in desk.said()
    assert "Logs: theirs is “/logs”, yours is “/mine”" in desk.said()
    assert desk.value(CARD, "card_knobs") == "m"
    desk.press("Store the card")
    stored = card(store)
    assert stored is not None
    assert (stored.logs, stored.knobs) == ("/mine", "m")


def test_an_answer_that_is_too_long_is_refused_beside_its_field(store: Store):
    desk = Desk("documentation")
    desk.type(CARD, card_problems="x" * 10_001, by="Анна")
    desk.press("Store the card")
    assert "Must have at most 10,000 characters, has 10,001." in desk.texts()
    assert card(store) is None


def test_of_two_who_write_a_runbook_the_second_sees_both_and_keeps_what_was_typed(store: Store):
    first = written(store, "Wait.")
    desk = Desk("documentation", runbook="slow")
    written(store, "Wait a minute.", first, by="Вера")
    desk.type(SLOW, body="Restart it.", by="Глеб")
    desk.press("Store it")
    said = desk.said()
    assert "Вера has changed this runbook meanwhile." in said
    assert "It is slow\n\nWait a minute." in said
    assert "-Wait a minute.\n+Restart it." in said
    assert desk.value(SLOW, "body") == "Restart it."
    assert history(store) == ["Wait a minute.", "Wait."]
    desk.press("Store it")
    assert history(store) == ["Restart it.", "Wait a minute.", "Wait."]
    assert "Stored now" not in desk.said()
    assert [one for one in desk.texts() if one.startswith("Revision 3, ")]


def test_markdown_is_shown_safely(store: Store):
    written(
        store, "![x](https://evil.example/a.png) <img src=x>\n```\n<b>\n```\nIt costs $1 or $2."
    )
    desk = Desk("documentation", runbook="slow")
    shown = [one.value for one in desk.app.markdown]
    assert f"!{JOINER}[x](https://evil.example/a.png) <{JOINER}img src=x>" in shown
    assert r"It costs \$1 or \$2." in shown
    assert "<b>" in [one.value for one in desk.app.code]


def test_a_runbook_that_rules_name_and_nobody_wrote_is_asked_for(store: Store):
    execute(
        app_of(store),
        'insert into team.alert_rule (service, rule_id, name, kind, "check", severity, owner, '
        "runbook_id, changed_by, changed_at) values (:service, 'slo', 'SLO', 'slo_burn', 'burn', "
        "'page', 'Анна', 'slow', 'Анна', now())",
        service=SERVICE,
    )
    desk = Desk("documentation", runbook="slow")
    assert "Nobody has written it; slo leads here." in desk.said()
    desk.type(SLOW, title="It is slow", body="Wait.", by="Анна")
    desk.press("Store it")
    assert history(store) == ["Wait."]
    assert "Led to by slo." in desk.said()


def test_a_new_runbook_is_opened_once_it_is_stored(store: Store):
    desk = Desk("documentation")
    desk.type(NEW, runbook_id="slow", title="It is slow", by="Анна")
    desk.press("Store it")
    assert "Is missing: what is to be done?" in desk.texts()
    desk.type(NEW, body="Wait.")
    desk.press("Store it")
    assert desk.app.query_params["runbook"] == "slow"
    assert "**It is slow**" in desk.said()


def test_a_link_to_no_runbook_is_a_sentence(store: Store):
    written(store, "Wait.")
    desk = Desk("documentation", runbook="fast")
    assert "mail has no runbook fast." in desk.said()
    assert "**It is slow**" in desk.said()


def test_an_earlier_moment_shows_the_version_of_then_and_no_form(store: Store):
    given = {"runbook_id": "slow", "title": "It is slow", "body": "Then."}
    first = save_runbook(app_of(store), SERVICE, None, given, by="Анна", at=now() - 2 * DAY)
    written(store, "Now.", first)
    desk = Desk("documentation", runbook="slow", as_of=write_time(now() - DAY))
    shown = [one.value for one in desk.app.markdown]
    assert "Then." in shown
    assert "Now." not in shown
    assert not desk.has("Store it")
