"""How reports get into the store: as they are; and what refusals of the store do to the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.text.anonymise import Anonymised
from core.text.signature import signature
from db.engine import Role, Store
from db.rollup import Schedule
from db.team.report_intake import arrivals, intake, letters, take
from db.team.report_intake.arrivals import Arrival
from db.team.report_intake.letters import Clean, cursor, store_new
from db.team.report_intake.placing import Placing, store_bands

AT = datetime(2026, 6, 3, 12, tzinfo=UTC)
CAME = Arrival(
    "r", "false_positive", "user", "k", "", "ru", "ru", "shop.example", "v", 0.1 + 0.2, 0.5, AT, AT,
    "", AT,
)  # fmt: skip
#: What COPY reads in ways of its own, and what it must not.
TEXTS = (
    "",
    "\\N",
    "\\.",
    "до\n\\.\nпосле",
    "a\tb\\tc\\\\d",
    "\r\nстрока\r",
    'кавычки "и" \'эти\', запятая, {"a": "\\n"}',
    "😀 Ёлка \u2028 \x1f \x07",
    "\\",
)


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


def plain(said: str) -> Anonymised:
    return Anonymised(said, (), "plain 1")


def clean(said: str, report_id: str) -> Clean:
    came = replace(CAME, report_id=report_id, segment=said, sender_domain=said)
    return Clean(came, said, "house 1", {"PERSON\\": 2} if said else {}, said, None)


def kept(worker: Engine) -> list[tuple[object, ...]]:
    with worker.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text("""select text, trouble, segment, sender_domain, masked, score, threshold,
                    predicted_at, reported_at, source_written_at, taken_at, withdrawn_at, group_id,
                    anonymiser, kind, source, letter_key, reporter_key, language, model_version
                    from team.report_letter where service = :service order by report_id"""),
                {"service": "a\\b\tc"},
            )
        ]


def test_new_letters_are_stored_as_they_are_whatever_they_hold(worker: Engine):
    placed = [(clean(said, f"r{at}"), at) for at, said in enumerate(TEXTS)]
    placed.append((clean("gone", "s").erased(AT), 7))
    with worker.begin() as connection:
        store_new(connection, "a\\b\tc", placed, AT)
    found = kept(worker)
    assert [row[0] for row in found] == [*TEXTS, ""]
    assert [row[2] for row in found] == [*TEXTS, "gone"]
    assert [row[11] for row in found] == [None] * len(TEXTS) + [AT]
    with worker.begin() as connection:
        connection.execute(text("delete from team.report_letter"))
        letters.store(connection, "a\\b\tc", placed, AT)
    assert kept(worker) == found


def test_bands_of_any_service_are_found_again(worker: Engine):
    signed = signature(["один", "два", "три", "четыре"])
    letter = Clean(CAME, "", "house 1", {}, "", signed)
    with worker.begin() as connection:
        placing = Placing(connection, "a\\b\tc", [letter])
        group_id = placing.place(letter)
        placing.store(AT)
        assert Placing(connection, "a\\b\tc", [letter]).place(letter) == group_id
        assert Placing(connection, "a\\b", [letter]).place(letter) != group_id
        store_bands(connection, "\\N", [(group_id, "false_positive", signed)])
        services = connection.execute(
            text("select service, count(*) from team.report_group_band group by 1 order by 1")
        ).all()
    assert sorted(map(tuple, services)) == [("\\N", 25), ("a\\b\tc", 25)]


def test_what_the_store_refuses_is_an_error_like_any_other_of_its(worker: Engine):
    with worker.connect() as connection:
        with pytest.raises(DBAPIError) as refused, cursor(connection) as writing:
            writing.execute("select 1 / 0")
        assert refused.value.orig.pgcode == "22012"


def test_a_store_that_refuses_letters_of_one_service_gets_those_of_others(
    worker: Engine, store: Store
):
    owner = store.engine(Role.OWNER)
    insert = text("""
        insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind,
            source, letter_key, reporter_key, model_version, score, threshold, text, anonymiser)
        values (:service, 'r', :at, :at, 'false_positive', 'user', 'k', '', 'v', 0.9, 0.5, 'один',
            'theirs')""")
    with owner.begin() as connection:
        connection.execute(insert, [{"service": name, "at": AT} for name in ("a", "b")])
        connection.execute(
            text("alter table team.report_letter add constraint refused check (service <> 'a')")
        )
    outcome = take(worker, AT, anonymise=plain)
    (delay,) = outcome.delays
    assert delay.startswith("Service 'a': reports are not taken yet: ")
    assert (outcome.taken, outcome.pending) == (1, 1)
    with owner.begin() as connection:
        connection.execute(text("alter table team.report_letter drop constraint refused"))
    outcome = take(worker, AT, anonymise=plain)
    assert (outcome.taken, outcome.pending, outcome.delays) == (1, 0, ())


def test_letters_alike_in_every_word_but_their_numbers_share_a_signature():
    came = [replace(CAME, text=f"Ваш заказ {number} собран и ждёт вас") for number in (12, 700)]
    one, other = letters.clean(came, plain, "plain 1")
    assert one.signature is other.signature


@pytest.mark.parametrize("has_statistics", [False, True])
def test_a_page_is_read_along_the_index_and_no_further(
    store: Store, worker: Engine, has_statistics: bool
):
    """Or else every page costs as much as all that was ever taken."""
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(
            text("""
                insert into metrics.false_report (service, report_id, reported_at, predicted_at,
                    kind, source, letter_key, reporter_key, model_version, score, threshold, text,
                    anonymiser)
                select 'a', 'r' || at, :at, :at, 'false_positive', 'user', 'k', '', 'v', 0.9, 0.5,
                    'один', 'theirs' from generate_series(1, 3000) as at"""),
            {"at": AT},
        )
    begun = iter([True, False])
    take(worker, AT, anonymise=plain, proceed=lambda: next(begun))
    if has_statistics:
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text("analyze metrics.false_report, team.report_letter"))
    with worker.begin() as connection:
        connection.execute(intake._SESSION)
        look = arrivals.look(connection, "a", Schedule())
        page = look.page(connection, 100)
        asked = {"service": "a", "after": look.after, "after_id": look.after_id, "rows": 100}
        plan = connection.execute(text(f"explain {arrivals._PAGE.text}"), asked).scalars().all()
    assert len(page) == 100
    said = "\n".join(plan)
    assert "Index Scan using false_report_written_at" in said
    assert "report_letter_pkey" in said
    assert "Index Cond: ((service = 'a'::text) AND (report_id = report.report_id))" in said
    assert not any(node in said for node in ("Sort", "Hash", "Materialize"))
