"""Letters as they were sent: mailings of a topic, and a letter of one with everything filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from string import Formatter

import numpy as np

from db.demo.newsletters import people
from db.demo.newsletters.texts import FOOTERS, HOSTILE, ITEMS, TOPICS, Topic

#: A topic gets a new wording every so many days. Of two, one stays and slowly gives way to newer
#: ones; the other is gone after a while.
NEW_MAILING_DAYS, SHORT_LIFE_DAYS, FADING_DAYS = 6, 15, 25
#: Mailings that were there already when reports begin.
MAILINGS_BEFORE = 2
#: Share of the letters that hold something hostile.
HOSTILE_SHARE = 0.04

#: Fields that tell of a person; whoever anonymises has to find them.
_PERSONAL = (
    "full", "other", "other_gen", "other_dat", "other_ins", "phone", "email", "card", "account",
    "iban", "policy", "ip", "address",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was sent.

    Attributes:
        text: with every personal detail in it.
        details: what of it is personal, as it stands there.
    """

    text: str
    details: tuple[str, ...]


def mailing(draw: np.random.Generator, topic: Topic, age: int) -> int:
    """Which of a topic's mailings a letter belongs to.

    Args:
        draw: source of chance.
        topic: the letter's; topics get their mailings on different days.
        age: days since reports began.
    """
    age += TOPICS.index(topic) % NEW_MAILING_DAYS
    newest = max(age, 0) // NEW_MAILING_DAYS + MAILINGS_BEFORE
    numbers = np.arange(newest + 1)
    ages = age - NEW_MAILING_DAYS * (numbers - MAILINGS_BEFORE)
    stays = numbers % 2 == 0
    weights = np.where(stays, np.exp(-ages / FADING_DAYS), ages < SHORT_LIFE_DAYS)
    return int(draw.choice(numbers, p=weights / weights.sum()))


def letter(draw: np.random.Generator, topic: Topic, number: int) -> Letter:
    """A letter of a mailing.

    Args:
        draw: source of chance.
        topic: what it is about.
        number: the mailing's.
    """
    footer = FOOTERS[topic.language][int(draw.integers(0, len(FOOTERS[topic.language])))]
    fields = _fields(draw, topic.language)
    hostile = draw.random() < HOSTILE_SHARE
    form = HOSTILE[int(draw.integers(0, len(HOSTILE)))] if hostile else "{text}"
    template = topic.wording.mailing(number) + footer
    used = {name for _, name, _, _ in Formatter().parse(template) if name}
    text = form.format(text=template.format(**fields), **fields)
    return Letter(text, tuple(fields[name] for name in _PERSONAL if name in used))


def _fields(draw: np.random.Generator, language: str) -> dict[str, str]:
    receiver, other = people.person(draw, language), people.person(draw, language)
    someday = date(2026, 1, 1) + timedelta(days=int(draw.integers(0, 365)))
    full = receiver.full if language == "en" or draw.random() < 0.6 else receiver.short
    return {
        "full": full[0],
        "first": receiver.first,
        "dear": "Уважаемая" if receiver.female else "Уважаемый",
        "other": other.short[0],
        "other_gen": other.short[1],
        "other_dat": other.short[2],
        "other_ins": other.short[3],
        "email": receiver.email,
        "phone": people.phone(draw),
        "card": people.card(draw),
        "account": people.account(draw),
        "iban": people.iban(draw),
        "policy": people.policy(draw),
        "ip": people.ip(draw),
        "address": people.address(draw),
        "amount": f"{int(draw.integers(1, 400)) * 50:,}".replace(",", " "),
        "day": someday.strftime("%d.%m.%Y"),
        "number": str(int(draw.integers(10, 999))),
        "item": ITEMS[language][int(draw.integers(0, len(ITEMS[language])))],
    }
