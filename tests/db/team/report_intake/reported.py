"""Reports as a serving stack writes them, and what the intake makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from core.text.anonymise import Anonymised
from db.team.report_intake import Outcome, take

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
