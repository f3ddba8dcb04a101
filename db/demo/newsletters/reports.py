"""Simulated reports of false decisions: letters as they were sent, and who reported them.

Texts hold names, telephones and cards of people who do not exist; whoever writes them to the store
has to anonymise them first, and the metric writer does.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import LOWEST_BIN, score_at
from db.demo.newsletters import relay, retrained, story
from db.demo.newsletters.columns import Columns, joined, picked, times
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.letters import letter, mailing
from db.demo.newsletters.population import SEGMENTS, Population
from db.demo.newsletters.retrained import Retrained
from db.demo.newsletters.serving import answered
from db.demo.newsletters.story import SERVICE, Scenario, minute_number
from db.demo.newsletters.texts import TOPICS, Topic
from db.demo.newsletters.traffic import DATACENTER_SHARES

#: A real producer keeps its key secret; the mailboxes behind these hashes do not exist.
KEY = b"simulated, no secret"
#: Reported letters a day of a topic of weight 1.
LETTERS_A_DAY = 3.5
#: Some letters went to lists, and many mailboxes report them: the share, the chance that no further
#: one does, and the most.
LISTS_SHARE, LAST_CHANCE, MOST_MAILBOXES = 0.08, 0.3, 12
#: People who report, by share: a few report often.
REPORTERS = 900
#: Who says so: users mostly, assessors of the sampled letters sometimes.
ASSESSOR_SHARE = 0.12
LONGEST_LAG = timedelta(days=2)
MEDIAN_LAG_HOURS, LAG_SPREAD = 3.0, 1.2

_DAY_MINUTES = 1440


def between(
    scenario: Scenario,
    population: Population,
    start: datetime,
    end: datetime,
    models: Sequence[Retrained] = (),
) -> Columns | None:
    """Reports made at start or later and before end.

    Args:
        scenario: whose.
        population: the letters' scores.
        start: from then on.
        end: until then.
        models: what was released after the story.

    Returns:
        Rows of metrics.false_report, with texts as they were sent but for those that came through
        the older stack; None where there are none.
    """
    low, high = (np.datetime64(at.replace(tzinfo=None), "us") for at in (start, end))
    found = []
    for day in range(
        minute_number(start - LONGEST_LAG) // _DAY_MINUTES, minute_number(end) // _DAY_MINUTES + 1
    ):
        rows = of_day(scenario, population, day, models)
        if rows is not None:
            at = rows["reported_at"]
            found.append(picked(rows, (at >= low) & (at < high)))
    rows = joined(found) if found else None
    return rows if rows is not None and rows["report_id"].size else None


def of_day(
    scenario: Scenario, population: Population, day: int, models: Sequence[Retrained] = ()
) -> Columns | None:
    """Every report that letters of a day ever get; None for a day without one.

    A later release takes letters out and adds none, so that a report that was made before it is the
    same whether or not the release is known.

    Args:
        scenario: whose.
        population: the letters' scores.
        day: days since 1970.
        models: what was released after the story.
    """
    draw = generator(scenario.seed, Stream.REPORTS, day)
    letters = np.concatenate(
        [answered(scenario, number) for number in range(day * 24, day * 24 + 24)], axis=1
    )
    by_version = letters.sum(axis=1) / letters.sum()
    began = minute_number(scenario.midnight(story.REPORT_DAYS)) // _DAY_MINUTES
    wanted: list[tuple[Topic, int]] = []
    for topic in TOPICS:
        # A topic is reported in bursts: each mailing reaches many at once.
        burst = draw.gamma(1.5, 1 / 1.5)
        for version, share in enumerate(by_version):
            rate = LETTERS_A_DAY * topic.weight[version] * share * burst
            wanted += [(topic, version) for _ in range(draw.poisson(rate))]
    names = retrained.versions(models)
    reports: list[dict[str, object]] = []
    for number, (topic, version) in enumerate(wanted):
        place = _Place(f"{scenario.seed}/{day}/{number}", day, day - began)
        # A generator of its own: what becomes of one letter changes no other.
        chance = generator(scenario.seed, Stream.REPORTS, day, number)
        sent = _sent(chance, population, letters, (topic, version), place)
        decided = int(
            retrained.at(models, _one(version), _one(sent.minute), _one(sent.datacenter))[0]
        )
        if chance.random() < retrained.left(models, decided, topic.name):
            reports += _of_letter(chance, sent, topic, names[decided])
    if not reports:
        return None
    columns: Columns = {
        name: np.array([report[name] for report in reports], dtype=_TYPES.get(name, object))
        for name in reports[0]
    }
    return columns | {
        "service": SERVICE,
        "predicted_at": times(columns["predicted_at"]),
        "reported_at": times(columns["reported_at"]),
        "threshold": population.threshold,
    }


_TYPES = {"score": np.float64, "predicted_at": np.float64, "reported_at": np.float64}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a letter stands.

    Attributes:
        name: among all letters.
        day: days since 1970.
        age: days since reports began.
    """

    name: str
    day: int
    age: int


@dataclass(frozen=True, slots=True)
class _Sent:
    """A letter that will be reported.

    Attributes:
        minute: when it was scored, minutes since 1970.
        second: the part of the minute.
        datacenter: index into story.DATACENTERS.
        by_relay: whether reports of it go through the older stack.
    """

    place: str
    minute: int
    second: float
    datacenter: int
    score: float
    text: str
    by_relay: bool


def _one(value: int) -> NDArray[np.int64]:
    return np.array([value], np.int64)


def _sent(
    draw: np.random.Generator,
    population: Population,
    letters: NDArray[np.int64],
    of: tuple[Topic, int],
    place: _Place,
) -> _Sent:
    topic, version = of
    segment = SEGMENTS.index(topic.language)
    is_newsletter = topic.false_positive == topic.mistaken
    shares = (population.positive if is_newsletter else population.negative)[version, segment]
    wrong = np.where(population.decided == topic.false_positive, shares, 0.0)
    number = int(draw.choice(wrong.size, p=wrong / wrong.sum())) + LOWEST_BIN
    by_minute = letters[version]
    minute = int(draw.choice(by_minute.size, p=by_minute / by_minute.sum()))
    text = letter(draw, topic, mailing(draw, topic, place.age)).text
    by_relay = bool(draw.random() < relay.SHARE)
    return _Sent(
        place=place.name,
        minute=place.day * _DAY_MINUTES + minute,
        second=float(draw.random()),
        datacenter=int(draw.choice(DATACENTER_SHARES.size, p=DATACENTER_SHARES)),
        score=float(score_at(number, draw.uniform(0.02, 0.98))),
        text=relay.anonymise(text) if by_relay else text,
        by_relay=by_relay,
    )


def _of_letter(
    draw: np.random.Generator, sent: _Sent, topic: Topic, version: str
) -> Iterator[dict[str, object]]:
    """The reports of a letter: of one mailbox mostly, of an assessor, or of many mailboxes."""
    assessor = draw.random() < ASSESSOR_SHARE
    mailboxes = 1
    if not assessor and draw.random() < LISTS_SHARE:
        mailboxes = min(1 + int(draw.geometric(LAST_CHANCE)), MOST_MAILBOXES)
    reporters: set[int] = set()
    while len(reporters) < mailboxes:
        reporters.add(int(REPORTERS * draw.random() ** 2))
    predicted = sent.minute + sent.second
    longest = LONGEST_LAG.total_seconds() / 60
    for reporter in sorted(reporters):
        lag = 60 * MEDIAN_LAG_HOURS * np.exp(LAG_SPREAD * draw.standard_normal())
        reported = predicted + min(max(float(lag), 2.0), longest)
        yield {
            # As with a ULID, a report that was made later has a greater name.
            "report_id": f"{int(reported * 60_000_000):014x}"
            + _hash(f"report/{sent.place}/{reporter}")[:18],
            "kind": "false_positive" if topic.false_positive else "false_negative",
            "source": "assessor" if assessor else "user",
            "letter_key": _hash(f"letter/{sent.place}"),
            "reporter_key": "" if assessor else _hash(f"mailbox/{reporter}"),
            "sender_domain": topic.sender_domain,
            "language": topic.language,
            "segment": topic.language,
            "model_version": version,
            "score": sent.score,
            "text": sent.text,
            "anonymiser": relay.ANONYMISER if sent.by_relay else "",
            "predicted_at": predicted,
            "reported_at": reported,
        }


def _hash(name: str) -> str:
    return hmac.new(KEY, name.encode(), hashlib.sha256).hexdigest()
