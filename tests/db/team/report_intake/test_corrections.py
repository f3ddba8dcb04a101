"""Reports that change: which groups they leave, and what becomes of those."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from core.text.signature import from_bytes
from tests.db.team.report_intake.reported import (
    BANK,
    SHOP,
    Report,
    group_of,
    in_turn,
    intake_of,
    letter,
    partition,
    report,
    rows,
)


def test_a_correction_replaces_what_was_taken(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, BANK]))
    intake_of(worker)
    report(serving, Report("r1", BANK, score=0.7, written_at=datetime.now(UTC)))
    assert (intake_of(worker).taken, intake_of(worker).taken) == (1, 0)
    assert letter(worker, "r1").score == 0.7
    assert partition(worker) == {frozenset({"r0", "r1"})}
    assert group_of(worker, "r1").version == 3


def test_a_report_whose_text_became_another_leaves_its_group(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, BANK, SHOP]))
    intake_of(worker)
    report(serving, Report("r1", SHOP, written_at=datetime.now(UTC)))
    assert intake_of(worker).groups_made == 0
    assert partition(worker) == {frozenset({"r0"}), frozenset({"r1", "r2"})}
    assert (group_of(worker, "r0").version, group_of(worker, "r2").version) == (3, 2)


def test_a_report_of_another_kind_leaves_its_group(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, BANK]))
    intake_of(worker)
    report(serving, Report("r1", BANK, kind="false_negative", written_at=datetime.now(UTC)))
    assert intake_of(worker).groups_made == 1
    assert group_of(worker, "r1").kind == "false_negative"
    assert partition(worker) == {frozenset({"r0"}), frozenset({"r1"})}


def test_a_group_whose_exemplar_leaves_goes_on_under_another(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, BANK + " Спасибо, что вы с нами.", SHOP]))
    intake_of(worker)
    number = group_of(worker, "r0").group_id
    report(serving, Report("r0", SHOP, written_at=datetime.now(UTC)))
    intake_of(worker)
    group = group_of(worker, "r1")
    assert (group.group_id, group.exemplar, group.shingles_of) == (number, "r1", "r1")
    assert partition(worker) == {frozenset({"r1"}), frozenset({"r0", "r2"})}
    report(serving, Report("later", BANK, written_at=datetime.now(UTC)))
    intake_of(worker)
    assert group_of(worker, "later").group_id == number


def test_an_empty_group_stays_and_nothing_ever_joins_it(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, SHOP]))
    intake_of(worker)
    number = group_of(worker, "r0").group_id
    report(serving, Report("r0", SHOP, written_at=datetime.now(UTC)))
    report(serving, Report("later", BANK, written_at=datetime.now(UTC)))
    intake_of(worker)
    ((exemplar, shingles),) = rows(
        worker, f"select exemplar, shingles from team.report_group where group_id = {number}"
    )
    assert (exemplar, bytes(shingles)) == ("", b"")
    assert not rows(worker, f"select from team.report_group_band where group_id = {number}")
    assert group_of(worker, "later").group_id != number


def test_a_lone_exemplar_that_changes_a_little_keeps_its_group(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK]))
    intake_of(worker)
    before = group_of(worker, "r0")
    report(serving, Report("r0", BANK + " Ждём вас.", written_at=datetime.now(UTC)))
    intake_of(worker)
    after = group_of(worker, "r0")
    assert after.group_id == before.group_id
    assert len(from_bytes(after.shingles)) > len(from_bytes(before.shingles))
    bands = rows(worker, "select band from team.report_group_band")
    assert len(bands) == 25
