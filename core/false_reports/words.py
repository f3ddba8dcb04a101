"""Numbers and names of the area as sentences, charts and tables say them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core import wording

#: Kinds of false decisions, as a reader says them.
KINDS = {"false_positive": "false positive", "false_negative": "false negative"}
#: Characters that steer how the ones around them are shown, or stand for nothing.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Significant digits of a rate.
_DIGITS = 3
_LONGEST_WORD = 24


def rate_words(rate: float, *, up: bool = True) -> str:
    """A rate per million letters with three digits, cut up; or down, where more flatters.

    >>> rate_words(23.04), rate_words(23.04, up=False), rate_words(1.1), rate_words(0.0)
    ('23.1', '23', '1.1', '0')
    >>> rate_words(0.00012345), rate_words(1234.5), rate_words(float("inf"))
    ('0.000124', '1,235', 'unbounded')
    """
    if math.isinf(rate):
        return "unbounded"
    if math.isnan(rate):
        return "unknown"
    if rate <= 0:
        return "0"
    digits = max(_DIGITS - 1 - math.floor(math.log10(rate)), 0)
    # A rate that is written exactly must not be cut up by what a float makes of it.
    scaled = round(rate * 10**digits, 6)
    cut = math.ceil(scaled) if up else math.floor(scaled)
    shown = f"{cut / 10**digits:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


@dataclass(frozen=True, slots=True)
class Unit:
    """Letters that a rate is per: its name, and times a rate per million."""

    name: str
    factor: float


_MILLION, _BILLION = Unit("million", 1.0), Unit("billion", 1_000.0)
#: Highest rates per million below this are told per billion.
_FEW = 0.1


def unit_of(*rates: float) -> Unit:
    """The unit in which rates per million letters are read most easily; one for all of them.

    >>> unit_of(23.0, 0.001).name, unit_of(0.0041, 0.0024, float("nan")).name, unit_of(0.0).name
    ('million', 'billion', 'million')
    """
    highest = max((rate for rate in rates if math.isfinite(rate)), default=0.0)
    return _BILLION if 0 < highest < _FEW else _MILLION


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number of things.

    >>> counted(1, "group"), counted(12, "group"), counted(3, "person", "people")
    ('one group', '12 groups', 'three people')
    """
    name = singular if number == 1 else plural or f"{singular}s"
    small = 0 <= number <= 10
    return f"{wording.number_word(number) if small else wording.whole(number)} {name}"


def plain(text: str) -> str:
    r"""Words that came from letters, without what would steer the text around them.

    >>> plain("за\u202eказ\x00")
    'заказ'
    """
    return "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)


def topic_name(topic_id: int, words: Sequence[str], most: int = 3) -> str:
    """A topic by its most telling words.

    >>> topic_name(4, ["заказ", "доставка", "курьер", "оплата"]), topic_name(0, [])
    ('заказ, доставка, курьер', 'no topic')
    """
    shown = [plain(word)[:_LONGEST_WORD] for word in words]
    named = ", ".join([word for word in shown if word.strip()][:most])
    return named or (f"topic {topic_id}" if topic_id else "no topic")
