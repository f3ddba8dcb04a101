"""What is never shown: every text goes through the anonymiser, and withdrawn ones are gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from core.text.anonymise import ANONYMISER, Anonymised, Span
from core.text.signature import from_bytes
from db.engine import Role, Store
from db.team.report_intake import Outcome, take
from tests.db.team.report_intake.reported import (
    AS_OF,
    BANK,
    SHOP,
    Report,
    group_of,
    in_turn,
    intake_of,
    letter,
    partition,
    plain,
    report,
    rows,
)


def test_every_text_goes_through_this_houses_anonymiser(worker: Engine, serving: Engine):
    said = "Звоните Ивану Петрову: +7 916 123-45-67, пишите [EMAIL_1]."
    report(serving, Report("r", said, anonymiser="greenlight 99"))
    take(worker, AS_OF)
    shown = letter(worker, "r")
    assert shown.text == "Звоните [PERSON_1]: [PHONE_1], пишите [EMAIL_1]."
    assert (shown.anonymiser, shown.masked) == (ANONYMISER, {"PERSON": 1, "PHONE": 1})
    assert shown.taken_at == AS_OF


def test_a_text_that_cannot_be_anonymised_stands_in_nobodys_way(
    worker: Engine, serving: Engine, caplog: pytest.LogCaptureFixture
):
    def breaks(said: str) -> Anonymised:
        if "тайна" in said:
            raise ValueError(f"cannot read {said!r}")
        return plain(said)

    report(serving, *in_turn([BANK, "тайна " + SHOP, BANK]))
    outcome = intake_of(worker, anonymise=breaks)
    assert outcome.taken == 3
    (sentence,) = outcome.errors
    assert "'r1'" in sentence
    assert "ValueError" in sentence
    shown = letter(worker, "r1")
    assert (shown.text, shown.trouble) == ("", sentence.removeprefix("Service 'newsletters': "))
    kept = group_of(worker, "r1")
    assert bytes(kept.shingles) == b""
    assert partition(worker) == {frozenset({"r0", "r2"}), frozenset({"r1"})}
    assert "тайна" not in caplog.text + sentence
    assert intake_of(worker, anonymise=breaks).errors == outcome.errors
    # A correction mends it.
    report(serving, Report("r1", SHOP, written_at=datetime.now(UTC)))
    assert intake_of(worker, anonymise=breaks).errors == ()
    assert letter(worker, "r1").text == SHOP


def test_a_new_version_of_the_anonymiser_passes_old_letters_again(worker: Engine, serving: Engine):
    def newer(said: str) -> Anonymised:
        at = said.find("банка")
        if at < 0:
            return Anonymised(said, (), "plain 2")
        span = Span(at, at + 5, "PERSON", "[PERSON_1]")
        return Anonymised(said.replace("банка", "[PERSON_1]"), (span,), "plain 2")

    report(serving, *in_turn([BANK, SHOP, BANK]))
    intake_of(worker)
    before = partition(worker)
    outcome = intake_of(worker, anonymise=newer, batch_rows=2)
    assert (outcome.taken, outcome.renewed, outcome.groups_made) == (0, 3, 0)
    assert "[PERSON_1]" in letter(worker, "r0").text
    assert letter(worker, "r2").masked == {"PERSON": 1}
    assert partition(worker) == before
    assert intake_of(worker, anonymise=newer).renewed == 0
    report(serving, Report("later", BANK, written_at=datetime.now(UTC)))
    intake_of(worker, anonymise=newer)
    assert group_of(worker, "later").group_id == group_of(worker, "r0").group_id


def withdraw(store: Store, *letter_keys: str) -> None:
    with store.engine(Role.APP).begin() as connection:
        for key in letter_keys:
            connection.execute(
                text(
                    "insert into team.withdrawal (service, letter_key, withdrawn_at, withdrawn_by, "
                    "reason) values ('newsletters', :key, :at, 'Анна', 'asked by mail')"
                ),
                {"key": key, "at": AS_OF},
            )


def test_withdrawn_letters_lose_their_text_and_their_group_goes_on(
    store: Store, worker: Engine, serving: Engine
):
    report(serving, *in_turn([BANK, BANK + " Ждём вас в отделении.", SHOP]))
    intake_of(worker)
    hashed = bytes(group_of(worker, "r0").shingles)
    withdraw(store, "key of r0")
    assert intake_of(worker).erased == 1
    erased = letter(worker, "r0")
    assert (erased.text, erased.withdrawn_at) == ("", AS_OF)
    group = group_of(worker, "r0")
    assert (group.exemplar, group.shingles_of, group.version) == ("r1", "r1", 3)
    assert bytes(group.shingles) != hashed
    assert intake_of(worker) == Outcome()


def test_a_withdrawn_letter_that_is_reported_again_has_no_text_either(
    store: Store, worker: Engine, serving: Engine
):
    report(serving, *in_turn([BANK], letter_key="gone"))
    intake_of(worker)
    withdraw(store, "gone", "gone before it came")
    intake_of(worker)
    report(
        serving,
        Report("again", BANK, letter_key="gone"),
        Report("first", SHOP, letter_key="gone before it came"),
        Report("second", SHOP, letter_key="gone before it came"),
        Report("r0", BANK, letter_key="gone", score=0.6, written_at=datetime.now(UTC)),
        Report("stranger", BANK),
    )
    intake_of(worker)
    for report_id in ("r0", "again", "first", "second"):
        shown = letter(worker, report_id)
        assert (shown.text, shown.masked, shown.withdrawn_at) == ("", {}, AS_OF)
        assert bytes(group_of(worker, report_id).shingles) == b""
    assert letter(worker, "r0").score == 0.6
    assert partition(worker) == {
        frozenset({"r0", "again"}),
        frozenset({"first", "second"}),
        frozenset({"stranger"}),
    }
    assert len(rows(worker, "select from team.report_group_band")) == 25


def test_a_group_that_was_given_another_exemplar_elsewhere_gets_its_hashes(
    store: Store, worker: Engine, serving: Engine
):
    report(serving, *in_turn([BANK, BANK + " Ждём вас в отделении.", SHOP]))
    intake_of(worker)
    with store.engine(Role.APP).begin() as connection:
        connection.execute(
            text(
                "update team.report_group set exemplar = 'r1', shingles = '', shingles_of = '' "
                "where exemplar = 'r0'"
            )
        )
        connection.execute(text("delete from team.report_group_band"))
    intake_of(worker)
    group = group_of(worker, "r0")
    assert (group.exemplar, group.shingles_of) == ("r1", "r1")
    assert len(from_bytes(group.shingles)) > 10
    report(serving, Report("later", BANK))
    intake_of(worker)
    assert group_of(worker, "later").group_id == group.group_id
