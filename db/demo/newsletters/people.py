"""Invented people and what identifies them: nobody here exists, and every number is drawn.

Names come in the forms that sentences need, numbers with the check digits that real ones have:
whatever takes personal details out of letters has to find them in earnest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.text.anonymiser.checks import luhn

_MEN = (
    "Иван", "Пётр", "Сергей", "Андрей", "Дмитрий", "Алексей", "Никита", "Павел", "Максим", "Тимур",
)  # fmt: skip
#: Names whose other forms have a stem of their own.
_IRREGULAR = {"Пётр": "Петр", "Павел": "Павл"}
_WOMEN = (
    "Анна", "Мария", "Елена", "Ольга", "Наталья", "Татьяна", "Дарья", "Ксения", "Алина", "Гульнара",
)  # fmt: skip
_FATHERS = (
    "Иван", "Сергее", "Андрее", "Алексее", "Дмитрие", "Николае", "Петр", "Владимир", "Олег",
)  # fmt: skip
_SURNAMES = (
    "Кузнецов", "Смирнов", "Васильев", "Лебедев", "Козлов", "Новиков", "Морозов", "Соловьёв",
    "Зайцев", "Павлов", "Никитин", "Фомин", "Ахметов", "Беляев", "Гусев", "Тарасов",
)  # fmt: skip
_FIRST = (
    "James", "Mary", "Robert", "Linda", "Michael", "Susan", "David", "Karen", "Thomas", "Nancy",
    "Daniel", "Laura",
)  # fmt: skip
_LAST = (
    "Anderson", "Thompson", "Robinson", "Mitchell", "Campbell", "Phillips", "Edwards", "Morgan",
    "Peterson", "Richardson", "Hughes", "Sullivan",
)  # fmt: skip
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (
            *("a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p"),
            *("r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "sch", "", "y", "", "e", "yu", "ya"),
        ),
        strict=True,
    )
)
_STREETS = ("Лесная", "Садовая", "Школьная", "Полевая", "Речная", "Парковая")
_CITIES = ("Москва", "Казань", "Самара", "Пермь", "Тверь", "Воронеж")


@dataclass(frozen=True, slots=True)
class Person:
    """A name in its forms, as (nominative, genitive, dative, instrumental), and an e-mail address.

    Attributes:
        full: with patronymic and surname.
        short: first name and surname.
        first: the first name.
        female: which forms of words go with it.
    """

    full: tuple[str, str, str, str]
    short: tuple[str, str, str, str]
    first: str
    female: bool
    email: str


def person(draw: np.random.Generator, language: str) -> Person:
    """Somebody who does not exist, with a name of the language."""
    number = int(draw.integers(10, 99))
    if language == "en":
        first, last = _one(draw, _FIRST), _one(draw, _LAST)
        name = f"{first} {last}"
        email = f"{first}.{last}{number}@mail.example".lower()
        return Person((name,) * 4, (name,) * 4, first, False, email)
    female = bool(draw.random() < 0.5)
    first = _one(draw, _WOMEN if female else _MEN)
    father, surname = _one(draw, _FATHERS), _one(draw, _SURNAMES)
    firsts = _first_forms(first)
    fathers = _father_forms(father, female=female)
    lasts = _surname_forms(surname, female=female)
    rows = list(zip(firsts, fathers, lasts, strict=True))
    one, two, three, four = (" ".join(row) for row in rows)
    shorts = [f"{row[0]} {row[2]}" for row in rows]
    email = f"{latin(first)}.{latin(surname)}{number}@mail.example"
    return Person(
        (one, two, three, four),
        (shorts[0], shorts[1], shorts[2], shorts[3]),
        first,
        female,
        email,
    )


def latin(name: str) -> str:
    """A Russian name in Latin letters, lower case.

    >>> latin("Соловьёв")
    'solovev'
    """
    return "".join(_LATIN.get(sign, sign) for sign in name.lower())


def phone(draw: np.random.Generator) -> str:
    """A Russian mobile number in one of the ways in which people write them."""
    code, digits = int(draw.integers(900, 1000)), f"{int(draw.integers(0, 10**7)):07}"
    one, two, three = digits[:3], digits[3:5], digits[5:]
    return _one(
        draw,
        (
            f"+7 {code} {one}-{two}-{three}",
            f"+7 ({code}) {one}-{two}-{three}",
            f"8 ({code}) {one} {two} {three}",
            f"8-{code}-{one}-{two}-{three}",
        ),
    )


def card(draw: np.random.Generator) -> str:
    """A card's number with a valid check digit."""
    digits = _checked("4" + _digits(draw, 14))
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def policy(draw: np.random.Generator) -> str:
    """The number of a health insurance policy: 16 digits with a valid check digit."""
    return _checked(_digits(draw, 15))


def account(draw: np.random.Generator) -> str:
    """A person's bank account."""
    return f"40817810{_digits(draw, 12)}"


def iban(draw: np.random.Generator) -> str:
    """A German IBAN with valid check digits (ISO 13616: 98 less the remainder modulo 97)."""
    number = f"{_digits(draw, 18)}"
    check = 98 - int(f"{number}131400") % 97  # D is 13, E is 14
    sign = f"DE{check:02}{number}"
    return " ".join(sign[at : at + 4] for at in range(0, 22, 4))


def ip(draw: np.random.Generator) -> str:
    """An address of the block that is kept for documentation (RFC 5737)."""
    return f"203.0.113.{int(draw.integers(1, 255))}"


def address(draw: np.random.Generator) -> str:
    """Where somebody could live."""
    house, flat = int(draw.integers(1, 90)), int(draw.integers(1, 200))
    return f"г. {_one(draw, _CITIES)}, ул. {_one(draw, _STREETS)}, д. {house}, кв. {flat}"


def _first_forms(name: str) -> tuple[str, str, str, str]:
    stem = name[:-1]
    if name in _IRREGULAR:
        stem = _IRREGULAR[name]
        return name, f"{stem}а", f"{stem}у", f"{stem}ом"
    if name.endswith("ия"):
        return name, f"{stem}и", f"{stem}и", f"{stem}ей"
    if name.endswith("я"):
        return name, f"{stem}и", f"{stem}е", f"{stem}ей"
    if name.endswith("а"):
        return name, f"{stem}{'и' if stem[-1] in 'гкх' else 'ы'}", f"{stem}е", f"{stem}ой"
    if name.endswith("й"):
        return name, f"{stem}я", f"{stem}ю", f"{stem}ем"
    return name, f"{name}а", f"{name}у", f"{name}ом"


def _father_forms(stem: str, *, female: bool) -> tuple[str, str, str, str]:
    stem = stem + ("в" if stem.endswith("е") else "ов")
    if female:
        return f"{stem}на", f"{stem}ны", f"{stem}не", f"{stem}ной"
    return f"{stem}ич", f"{stem}ича", f"{stem}ичу", f"{stem}ичем"


def _surname_forms(name: str, *, female: bool) -> tuple[str, str, str, str]:
    if female:
        return f"{name}а", f"{name}ой", f"{name}ой", f"{name}ой"
    return name, f"{name}а", f"{name}у", f"{name}ым"


def _checked(digits: str) -> str:
    return next(whole for last in range(10) if luhn(whole := f"{digits}{last}"))


def _digits(draw: np.random.Generator, count: int) -> str:
    return "".join(map(str, draw.integers(0, 10, count).tolist()))


def _one(draw: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(draw.integers(0, len(of)))]
