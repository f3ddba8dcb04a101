"""Who is grouped with whom."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from db.team.report_intake import Outcome
from tests.db.team.report_intake.reported import (
    AS_OF,
    BANK,
    SCHOOL,
    SHOP,
    Report,
    group_of,
    in_turn,
    intake_of,
    mixed,
    partition,
    report,
    rows,
)


def test_near_duplicates_are_one_group_and_others_are_not(worker: Engine, serving: Engine):
    report(
        serving, *in_turn([BANK, SHOP, BANK.replace("май", "июнь"), SCHOOL, SHOP + " Отписаться"])
    )
    outcome = intake_of(worker)
    assert (outcome.taken, outcome.pending, outcome.groups_made) == (5, 0, 3)
    assert (outcome.errors, outcome.delays) == ((), ())
    assert partition(worker) == {
        frozenset({"r0", "r2"}),
        frozenset({"r1", "r4"}),
        frozenset({"r3"}),
    }
    group = group_of(worker, "r2")
    assert (group.exemplar, group.shingles_of, group.version) == ("r0", "r0", 2)
    assert group.created_at == AS_OF


def test_the_same_report_again_changes_nothing(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, SHOP]))
    intake_of(worker)
    before = rows(worker, "select * from team.report_letter, team.report_group order by 1, 2, 3")
    assert intake_of(worker) == Outcome()
    assert before == rows(
        worker, "select * from team.report_letter, team.report_group order by 1, 2, 3"
    )


def test_kinds_and_services_never_share_a_group(worker: Engine, serving: Engine):
    report(
        serving,
        Report("a", BANK),
        Report("b", BANK, kind="false_negative"),
        Report("c", BANK, service="other"),
    )
    assert intake_of(worker).groups_made == 3
    assert partition(worker) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_the_groups_do_not_depend_on_the_batches(worker: Engine, serving: Engine):
    texts = mixed(20261126, 160)
    found = []
    for batch_rows in (1000, 64, 7, 1):
        service = f"in batches of {batch_rows}"
        reports = [
            Report(
                f"r{at:03}",
                said,
                service=service,
                letter_key=f"k{at % 90}",
                kind=("false_positive", "false_negative")[at % 7 == 0],
                written_at=AS_OF + timedelta(seconds=at // 3),
            )
            for at, said in enumerate(texts)
        ]
        report(serving, *reports)
        assert intake_of(worker, batch_rows=batch_rows).taken == len(texts)
        found.append(partition(worker, service))
    assert found[0] == found[1] == found[2] == found[3]
    assert 12 <= len(found[0]) < 100


def test_letters_do_not_chain_into_one_group(worker: Engine, serving: Engine):
    words = [f"word{chr(97 + at // 8)}{chr(97 + at % 8)}" for at in range(60)]
    # Each shares two thirds of its words with the one before, and ever fewer with the first.
    chain = [" ".join(words[at : at + 30]) for at in range(0, 31, 6)]
    report(serving, *in_turn(chain))
    intake_of(worker)
    of_first = next(members for members in partition(worker) if "r0" in members)
    assert of_first == {"r0", "r1"}


def test_short_letters_are_together_only_if_they_are_equal(worker: Engine, serving: Engine):
    report(serving, *in_turn(["Да", "да.", "Нет", "Ваш код 5512", "ваш код: 99", "!!!", "…", ""]))
    intake_of(worker)
    assert partition(worker) == {
        frozenset({"r0", "r1"}),
        frozenset({"r2"}),
        frozenset({"r3", "r4"}),
        frozenset({"r5", "r6", "r7"}),
    }


def test_reports_of_one_letter_are_one_group(worker: Engine, serving: Engine):
    """Even where another group has come up meanwhile that is more like the letter."""
    words = [f"word{chr(97 + at // 8)}{chr(97 + at % 8)}" for at in range(30)]
    first, other = " ".join(words[:20]), " ".join(words[6:26])
    shared = " ".join(words[3:23])
    report(
        serving,
        *in_turn([first], letter_key="1"),
        *(
            Report(f"s{at}", said, letter_key=key, written_at=AS_OF + timedelta(seconds=at))
            for at, (said, key) in enumerate([(shared, "2"), (other, "3"), (shared, "2")])
        ),
    )
    intake_of(worker)
    together = next(members for members in partition(worker) if "s0" in members)
    assert "s2" in together
