"""The intake of false reports: who is grouped with whom, what is kept, and what is never shown."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.text.anonymise import ANONYMISER, Anonymised, Span
from core.text.signature import from_bytes
from db.engine import Role, Store
from db.rollup import Schedule
from db.team.report_intake import Outcome, intake, take

AS_OF = datetime(2026, 6, 3, 12, tzinfo=UTC)
REPORTED = datetime(2026, 6, 1, 9, tzinfo=UTC)
BANK = (
    "Выписка по вашему счёту за май готова, остаток на конец дня смотрите в приложении банка. "
    "Если вы не совершали операцию, сразу позвоните нам по телефону на карте."
)
SHOP = (
    "Ваш заказ передан в доставку, курьер привезёт его завтра утром. Изменить время можно в личном "
    "кабинете или по телефону магазина."
)
SCHOOL = (
    "Напоминаем, что в пятницу состоится родительское собрание. На повестке итоги четверти и "
    "поездка класса в музей, просьба подтвердить участие ответным письмом."
)
_INSERT = text("""
    insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind, source,
        letter_key, reporter_key, sender_domain, language, segment, model_version, score, threshold,
        text, anonymiser, written_at)
    values (:service, :report_id, :reported_at, :reported_at, :kind, 'user', :letter_key,
        :reporter_key, 'shop.example', 'ru', 'ru', 'bert-3', :score, 0.5, :text, :anonymiser,
        coalesce(:written_at, now()))
    on conflict (service, report_id) do update set kind = excluded.kind, score = excluded.score,
        text = excluded.text, written_at = excluded.written_at""")


@dataclass(frozen=True)
class Report:
    report_id: str
    text: str
    kind: str = "false_positive"
    service: str = "newsletters"
    letter_key: str = ""
    reporter_key: str = ""
    reported_at: datetime = REPORTED
    score: float = 0.9
    anonymiser: str = "theirs 3"
    written_at: datetime | None = None


def plain(said: str) -> Anonymised:
    return Anonymised(said, (), "plain 1")


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


def report(serving: Engine, *reports: Report) -> None:
    rows = [
        asdict(one) | {"letter_key": one.letter_key or f"key of {one.report_id}"} for one in reports
    ]
    with serving.begin() as connection:
        connection.execute(_INSERT, rows)


def in_turn(texts: Iterable[str], **options: Any) -> list[Report]:
    """Reports written a second apart, r0 first."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    return [
        Report(f"r{at}", said, written_at=begin + timedelta(seconds=at), **options)
        for at, said in enumerate(texts)
    ]


def intake_of(worker: Engine, **options: Any) -> Outcome:
    return take(worker, AS_OF, **{"anonymise": plain, **options})


def rows(engine: Engine, query: str) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(text(query)).all()


def partition(engine: Engine, service: str = "") -> set[frozenset[str]]:
    """Which reports are together, of all services or of one."""
    found: dict[int, set[str]] = {}
    letters = rows(engine, "select service, report_id, group_id from team.report_letter")
    for of, report_id, group_id in letters:
        if service and of != service:
            continue
        found.setdefault(group_id, set()).add(report_id)
    return {frozenset(members) for members in found.values()}


def letter(engine: Engine, report_id: str) -> Any:
    (found,) = rows(engine, f"select * from team.report_letter where report_id = '{report_id}'")
    return found


def group_of(engine: Engine, report_id: str) -> Any:
    (found,) = rows(
        engine,
        "select g.* from team.report_group g join team.report_letter l using (service, group_id) "
        f"where l.report_id = '{report_id}'",
    )
    return found


def mixed(seed: int, letters: int) -> list[str]:
    """Letters of many templates, some of them near the threshold to others."""
    rng = random.Random(seed)
    vocabulary = [f"{a}{b}" for a in "бвгдж" for b in ("ом", "ир", "ать", "ость", "ение", "ка")]
    templates = [[rng.choice(vocabulary) for _ in range(rng.randint(8, 30))] for _ in range(12)]
    made = []
    for _ in range(letters):
        words = list(rng.choice(templates))
        for _ in range(rng.randint(0, len(words) // 5)):
            words[rng.randrange(len(words))] = rng.choice(vocabulary)
        made.append(" ".join(words))
    return made


# Groups


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


# Corrections


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


# When reports are found


def test_late_reports_are_found_and_very_late_ones_once_an_hour(worker: Engine, serving: Engine):
    now = datetime.now(UTC)
    report(serving, Report("on time", BANK, written_at=now))
    intake_of(worker)
    report(serving, Report("late", BANK, written_at=now - timedelta(minutes=10)))
    assert intake_of(worker).taken == 1
    report(serving, Report("very late", BANK, written_at=now - timedelta(days=5)))
    assert intake_of(worker).taken == 0
    assert intake_of(worker, schedule=Schedule(compare_every=timedelta(0))).taken == 1


def test_an_intake_that_is_stopped_says_what_is_left_and_goes_on(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, SHOP, SCHOOL, BANK, SHOP]))
    report(serving, Report("other", BANK, service="other"))
    outcome = intake_of(worker, batch_rows=2, proceed=lambda: False)
    assert (outcome.taken, outcome.pending) in {(2, 4), (1, 5)}
    assert intake_of(worker, batch_rows=2).pending == 0
    assert len(rows(worker, "select from team.report_letter")) == 6


def test_every_service_gets_its_turn(worker: Engine, serving: Engine):
    for service in ("a", "b"):
        report(serving, *in_turn([BANK] * 6, service=service))
    asked = iter((True, False))
    intake_of(worker, batch_rows=2, proceed=lambda: next(asked))
    counts = rows(worker, "select service, count(*) from team.report_letter group by 1 order by 1")
    assert [tuple(row) for row in counts] == [("a", 2), ("b", 2)]


def test_two_intakes_at_once_double_nothing(worker: Engine, serving: Engine, store: Store):
    report(serving, *in_turn(mixed(7, 120)))
    both = Barrier(2)

    def work(engine: Engine) -> Outcome:
        both.wait()
        return intake_of(engine, batch_rows=10)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(work, [worker, store.engine(Role.WORKER)]))
    assert sum(outcome.taken for outcome in outcomes) == 120
    assert not any(outcome.delays for outcome in outcomes)
    ((groups, versions),) = rows(worker, "select count(*), sum(version) from team.report_group")
    assert groups == sum(outcome.groups_made for outcome in outcomes) == len(partition(worker))
    assert versions == 120
    report(serving, *in_turn(mixed(7, 120), service="one alone"))
    intake_of(worker)
    assert partition(worker) == partition(worker, "one alone")


# What is shown


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


# Withdrawals


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


def test_the_lock_that_intakes_share_is_the_houses_own():
    assert intake.INTAKE_LOCK.to_bytes(6, "big") == b"green\x08"
