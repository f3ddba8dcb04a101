"""Simulated reports of false decisions: near duplicates from templates, already anonymised."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime, timedelta

import numpy as np

from core.stats.scores import LOWEST_BIN, score_at
from db.demo.newsletters.columns import Columns, joined, picked, times
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.population import SEGMENTS, Population
from db.demo.newsletters.serving import answered
from db.demo.newsletters.story import SERVICE, VERSIONS, Scenario, minute_number
from db.demo.newsletters.texts import FOOTERS, ITEMS, TOPICS, Topic

ANONYMISER = "simulated-templates 1"
#: A real producer keeps its key secret; the mailboxes behind these hashes do not exist.
KEY = b"simulated, no secret"
#: People who report, by share: a few report often.
REPORTERS = 900
#: Who says so: users mostly, assessors of the sampled letters sometimes.
ASSESSOR_SHARE = 0.12
LONGEST_LAG = timedelta(days=2)
MEDIAN_LAG_HOURS, LAG_SPREAD = 3.0, 1.2

_DAY_MINUTES = 1440


def between(
    scenario: Scenario, population: Population, start: datetime, end: datetime
) -> Columns | None:
    """Reports made at start or later and before end.

    Returns:
        Rows of metrics.false_report; None where there are none.
    """
    low, high = (np.datetime64(at.replace(tzinfo=None), "us") for at in (start, end))
    found = []
    for day in range(
        minute_number(start - LONGEST_LAG) // _DAY_MINUTES, minute_number(end) // _DAY_MINUTES + 1
    ):
        rows = of_day(scenario, population, day)
        if rows is not None:
            at = rows["reported_at"]
            found.append(picked(rows, (at >= low) & (at < high)))
    rows = joined(found) if found else None
    return rows if rows is not None and rows["report_id"].size else None


def of_day(scenario: Scenario, population: Population, day: int) -> Columns | None:
    """Every report that letters of a day ever get; None for a day without one.

    Args:
        scenario: whose.
        population: the letters' scores.
        day: days since 1970.
    """
    draw = generator(scenario.seed, Stream.REPORTS, day)
    letters = np.concatenate(
        [answered(scenario, number) for number in range(day * 24, day * 24 + 24)], axis=1
    )
    by_version = letters.sum(axis=1) / letters.sum()
    rows = []
    for topic in TOPICS:
        for version, share in enumerate(by_version):
            # A topic of one wording is reported in bursts: each mailing reaches many at once.
            rate = topic.weight[version] * share * draw.gamma(1.5, 1 / 1.5)
            rows += [(topic, version) for _ in range(draw.poisson(rate))]
    if not rows:
        return None
    reports = [
        _report(
            draw,
            population,
            letters[version],
            topic,
            version,
            place=f"{scenario.seed}/{day}/{number}",
        )
        for number, (topic, version) in enumerate(rows)
    ]
    columns: Columns = {
        name: np.array([report[name] for report in reports], dtype=_TYPES.get(name, object))
        for name in reports[0]
    }
    predicted = day * _DAY_MINUTES + columns.pop("minute")
    return columns | {
        "service": SERVICE,
        "predicted_at": times(predicted),
        "reported_at": times(predicted + columns.pop("lag")),
        "threshold": population.threshold,
        "anonymiser": ANONYMISER,
    }


_TYPES = {"score": np.float64, "minute": np.float64, "lag": np.float64}


def _report(
    draw: np.random.Generator,
    population: Population,
    letters: np.ndarray[tuple[int], np.dtype[np.int64]],
    topic: Topic,
    version: int,
    *,
    place: str,
) -> dict[str, object]:
    segment = SEGMENTS.index(topic.language)
    shares = (population.negative if topic.false_positive else population.positive)[
        version, segment
    ]
    wrong = np.where(population.decided == topic.false_positive, shares, 0.0)
    number = int(draw.choice(wrong.size, p=wrong / wrong.sum())) + LOWEST_BIN
    minute = int(draw.choice(letters.size, p=letters / letters.sum()))
    longest = LONGEST_LAG.total_seconds() / 60
    lag = 60 * MEDIAN_LAG_HOURS * np.exp(LAG_SPREAD * draw.standard_normal())
    assessor = draw.random() < ASSESSOR_SHARE
    reporter = int(REPORTERS * draw.random() ** 2)
    return {
        "report_id": _hash(f"report/{place}")[:32],
        "kind": "false_positive" if topic.false_positive else "false_negative",
        "source": "assessor" if assessor else "user",
        "letter_key": _hash(f"letter/{place}"),
        "reporter_key": "" if assessor else _hash(f"mailbox/{reporter}"),
        "sender_domain": topic.sender_domain,
        "language": topic.language,
        "segment": topic.language,
        "model_version": VERSIONS[version],
        "score": float(score_at(number, draw.uniform(0.02, 0.98))),
        "text": _text(draw, topic),
        "minute": minute + draw.random(),
        "lag": min(max(float(lag), 2.0), longest),
    }


def _text(draw: np.random.Generator, topic: Topic) -> str:
    someday = date(2026, 1, 1) + timedelta(days=int(draw.integers(0, 365)))
    body = topic.body.format(
        amount=f"{int(draw.integers(1, 400)) * 50:,}".replace(",", " "),
        day=someday.strftime("%d.%m.%Y"),
        number=int(draw.integers(10, 999)),
        item=ITEMS[topic.language][int(draw.integers(0, len(ITEMS[topic.language])))],
    )
    return body + FOOTERS[topic.language][int(draw.integers(0, len(FOOTERS[topic.language])))]


def _hash(name: str) -> str:
    return hmac.new(KEY, name.encode(), hashlib.sha256).hexdigest()
