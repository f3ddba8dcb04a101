"""Check digits."""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1, annex B).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = int(sign)
        total += digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4)
    return total % 10 == 0


def inn(digits: str) -> bool:
    """Whether 10 or 12 digits are a Russian taxpayer's number (order MMV-7-6/435 of the FNS).

    >>> inn("500100732259"), inn("7707083893"), inn("7707083894")
    (True, True, False)
    """
    if len(digits) == 10:
        return _weighed(digits[:9], (2, 4, 10, 3, 5, 9, 4, 6, 8)) == int(digits[9])
    return (
        len(digits) == 12
        and _weighed(digits[:10], (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == int(digits[10])
        and _weighed(digits[:11], (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == int(digits[11])
    )


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10


def snils(digits: str) -> bool:
    """Whether 11 digits are a Russian insurance number (order 211n of the Ministry of Labour).

    >>> snils("11223344595"), snils("11223344596")
    (True, False)
    """
    rest = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9])) % 101
    return len(digits) == 11 and rest % 100 == int(digits[9:])


def ogrn(digits: str) -> bool:
    """Whether 13 or 15 digits are a Russian registration number (order 165n of the Minfin).

    >>> ogrn("1027700132195"), ogrn("304500116000157"), ogrn("1027700132196")
    (True, True, False)
    """
    return len(digits) in (13, 15) and int(digits[:-1]) % (len(digits) - 2) % 10 == int(digits[-1])


def iban(sign: str) -> bool:
    """Whether letters and digits without spaces have an IBAN's check digits and country form.

    Check digits that a country has inside of its account numbers are not looked at: a slip in them
    makes the number no less personal.

    >>> iban("GB29NWBK60161331926819"), iban("GB29NWBK60161331926818")
    (True, False)
    """
    from stdnum import iban as standard

    return bool(standard.is_valid(sign, check_country=False))
