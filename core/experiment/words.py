"""Days and changes as the sentences of the area say them."""

from __future__ import annotations

from core import wording


def days_words(number: int) -> str:
    """A number of days.

    >>> days_words(1), days_words(9), days_words(28)
    ('one day', 'nine days', '28 days')
    """
    return "one day" if number == 1 else f"{wording.number_word(number)} days"


def change_words(change: float, good: str, digits: int = 1) -> str:
    """A relative change with its direction, cut toward the side that flatters less.

    Args:
        change: e.g. -0.065.
        good: 'down' where less is good, else more is.
        digits: after the point.

    >>> change_words(-0.0657, "down"), change_words(-0.0657, "up"), change_words(0.0, "up")
    ('down 6.5 %', 'down 6.6 %', 'unchanged')
    """
    shown = signed(change, good, digits)
    number = shown.lstrip("−+")
    if not any(sign in "123456789" for sign in number):
        return "unchanged"
    return f"{'down' if shown.startswith('−') else 'up'} {number}"


def signed(change: float, good: str, digits: int = 1) -> str:
    """A relative change in percent with its sign, cut toward the side that flatters less.

    >>> signed(-0.0657, "down"), signed(0.0219, "down"), signed(-0.0657, "up")
    ('−6.5 %', '+2.2 %', '−6.6 %')
    """
    shown = wording.percent(change, digits, good="low" if good == "down" else "high")
    if not any(sign in "123456789" for sign in shown):
        return shown.lstrip("−")
    return shown if shown.startswith("−") else f"+{shown}"


def range_words(low: float, high: float, digits: int = 1) -> str:
    """An interval of relative changes, its ends cut outward.

    >>> range_words(-0.0812, -0.0497)
    '−8.2 to −4.9 %'
    """
    lower = wording.percent(low, digits).removesuffix(" %")
    upper = wording.percent(high, digits, good="low")
    return f"{lower} to {upper}"


def margin_words(margin: float) -> str:
    """A margin in full: it is what was asked for, and nothing of it is cut.

    >>> margin_words(-0.05), margin_words(-0.0125), margin_words(0.02)
    ('−5 %', '−1.25 %', '+2 %')
    """
    shown = f"{float(f'{margin * 100:.6f}'):+g} %".replace("-", "−")
    return "0 %" if shown == "+0 %" else shown
