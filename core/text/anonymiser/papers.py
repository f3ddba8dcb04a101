"""Papers and dates of people: passports, policies in two parts, licences, plates, birth dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.text.anonymiser.context import before, digits_of, is_amount, is_business, said
from core.text.anonymiser.hit import PATTERN, SAID, Hit
from core.text.anonymiser.reading import Reading

_NUMBER_SIGN = r"(?:[ ,;:.\-]*(?:№|номер|number|no|n|#)[ :.№]*|[ \-]{1,2})"
_SERIES = re.compile(
    rf"\d(?<![\w.,/].)\d[ -]?\d{{2}}(?:{_NUMBER_SIGN})?\d{{3}} ?\d{{3}}(?![\w/]|[.,]\d)"
)
_AS_PRINTED = re.compile(r"\d{2} \d{2} (?:№ ?|номер )?\d{6}|\d{4} ?(?:№|номер) ?\d{6}")
_FOREIGN = re.compile(rf"\d(?<![\w.,/].)\d(?:{_NUMBER_SIGN})?\d{{7}}(?![\w/]|[.,]\d)")
_RUSSIAN_PAPER = said(
    r"паспорт\w*|загранпаспорт\w*|загран\w*|серия|серии|passport|водительск\w+|в/у|ву"
    r"|удостоверени\w+",
    40,
)
_LATIN_PASSPORT = re.compile(
    r"(?:passports?|passeport|pasaporte|passaporto|reisepass|paszport\w*|паспорт\w*)(?:\s*(?:no|number|num|nr|n|#|№|details|is"
    r"|id)\b\.?)*[\s:#№.()-]*(?:is|it is|:)?\s*"
    r"([a-z]{0,3} ?\d[a-z\d]{5,9})(?!\w| \d)"
)
_NUMBER_FIRST = re.compile(r"(?<!\d)(\d{6},? ?(?:серия|сер\.) ?:? ?\d{2} ?\d{2})(?!\d)")
_DRIVER = re.compile(
    r"(?:driver'?s?|driving) licen[cs]e(?:\s*(?:no|number|#|№"
    r"|is)\b\.?)*[\s:#.]*([a-z]{0,5}\d[a-z\d]{5,15})(?!\w)"
)
_CERTIFICATE = re.compile(
    r"свидетельств\w* о (?:рождени|брак)\w*"
    r"[^\d\n\ue000]{0,20}?\s([ivxlc]{1,5}[ -]?[а-я]{2}[ ,№n-]{0,4}\d{6})(?!\d)"
)
_OLD_POLICY = re.compile(
    r"полис\w*[^\d\n\ue000]{0,24}(\d{6,8}(?: ?№ ?| номер |[ ,-]{1,2})\d{8,10}|\d{4}"
    r"(?: \d{4}){3})(?!\d)"
)
_PLATE = re.compile(
    r"[АВЕКМНОРСТУХавекмнорстухABEKMHOPCTYX](?<![\w-].) ?\d{3} ?"
    r"(?:[АВЕКМНОРСТУХ]{2}|[авекмнорстух]{2}|[ABEKMHOPCTYX]{2})(?: ?\d{2,3})?(?:rus|RUS| ?рус)?"
    r"(?![\w-])"
)
_OTHER_PLATE = re.compile(
    r"[A-Z](?<![\w-].)(?:[A-Z]{0,2}[ -]?\d{1,4}[ -]?[A-Z]{2,3}|[A-Z]{2}[ -]\d{3,4})(?![\w-])"
)
_PLATE_SAID = said(
    r"номер\w*|гос\.? ?номер\w*|госномер\w*|номер\w* машины|грз|автомобил\w+|машин\w+"
    r"|licen[cs]e plate|number plate|plate|reg|registration|vehicle|car",
    16,
)
_MONTHS = (
    r"янв\w*|фев\w*|мар\w*|апр\w*|ма[йя]|июн\w*|июл\w*|авг\w*|сен\w*|окт\w*|ноя\w*|дек\w*"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*"
)
_DATE = (
    r"(?:\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -](?:{_MONTHS})\.?,?[ -]\d{{4}}|"
    rf"(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_BIRTH_BEFORE = re.compile(
    r"(?<!\w)(?:дат\w+ рождени\w+|д\. ?р\.|др|д/р|родил(?:ся|ась)|рожд\w*|born(?: on)?|dob"
    r"|d\.o\.b\.|date of birth"
    r"|birth ?date|birthday|birth)"
    rf"[^\d\n\ue000]{{0,16}}?\s?({_DATE}(?:\s?г(?:\.|ода?)?(?!\w))?)(?!\d)"
)
_BIRTH_AFTER = re.compile(
    rf"(?<![\d.])({_DATE}|(?:19|20)\d{{2}})(?:\s?(?:г\.|года))?,?\s?(?:г\.\s?р\.|г/р"
    rf"|года? рождени\w+|рожд\w*\.?)"
)
_SOCIAL = re.compile(r"\d(?<![\w-].)\d\d-\d{2}-\d{4}(?![\w-])")
_SOCIAL_SAID = re.compile(
    r"(?<!\w)(?:ssn|social security(?: number| no\.?)?|s\.s\.n\.?)[\s:#.-]*"
    r"(?:is\s)?(\d{3}[ -]?\d{2}[ -]?\d{4})(?!\d)"
)
_INSURED = re.compile(r"(?<!\w)[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d](?!\w)")
#: Prefixes that are handed out (HMRC, NIM39110).
_INSURED_ISSUED = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]")
#: The number of a patient in England (its check digit aside).
_PATIENT_SAID = re.compile(
    r"nhs(?: (?:number|no\.?|num))?[\s:#№.-]*(?:is\s)?(\d{3} ?-?\d{3} ?-?\d{4})(?!\d)"
)
_INSURED_SAID = said("national insurance|ni|nino|insurance", 20)


#: What words before it say, by pieces of text one of which a letter must have: a search for them
#: costs a tenth of a search for the pattern.
_BY_WORDS = (
    (("pass", "pasaporte", "paszport", "паспорт"), _LATIN_PASSPORT, "PASSPORT"),
    (("серия", "сер."), _NUMBER_FIRST, "PASSPORT"),
    (("licen",), _DRIVER, "ID"),
    (("свидетельств",), _CERTIFICATE, "PASSPORT"),
    (("полис",), _OLD_POLICY, "OMS"),
    (
        (
            *("рожд", "родил", "д.р", "д. р", "д/р", "др:", "др ", "др.", "др-"),
            *("born", "dob", "d.o.b", "birth"),
        ),
        _BIRTH_BEFORE,
        "BIRTHDATE",
    ),
    (("рожд", "г.р", "г. р", "г.\nр", "г/р"), _BIRTH_AFTER, "BIRTHDATE"),
    (("nhs",), _PATIENT_SAID, "ID"),
    (("ssn", "social", "s.s.n"), _SOCIAL_SAID, "ID"),
)


def find(read: Reading) -> Iterator[Hit]:
    """Passports and what is like them, plates, birth dates."""
    text, low = read.text, read.low
    for pattern, form in ((_SERIES, 10), (_FOREIGN, 9)):
        for found in read.near_digits(pattern, low, form):
            if _is_paper(low, found, form):
                yield Hit(*found.span(), "PASSPORT", digits_of(found[0]), SAID)
    for pieces, pattern, kind in _BY_WORDS:
        for found in pattern.finditer(low) if any(one in low for one in pieces) else ():
            yield Hit(*found.span(1), kind, "".join(found[1].split()), SAID)
    yield from _plates(read)
    for found in read.near_digits(_SOCIAL, low, 9):
        if not is_business(low, found.start()):
            yield Hit(*found.span(), "ID", digits_of(found[0]), PATTERN)
    for found in read.near_digits(_INSURED, low, 6):
        issued = _INSURED_ISSUED.match(text, found.start())
        if issued or _INSURED_SAID.search(before(low, found.start())):
            yield Hit(*found.span(), "ID", "".join(found[0].split()), PATTERN)


def _is_paper(low: str, found: re.Match[str], form: int) -> bool:
    start, end = found.span()
    if _RUSSIAN_PAPER.search(before(low, start, 80)):
        return True
    if form != 10 or not _AS_PRINTED.fullmatch(found[0]):
        return False
    return not is_business(low, start) and not is_amount(low, start, end)


def _plates(read: Reading) -> Iterator[Hit]:
    text, low = read.text, read.low
    for found in read.near_digits(_PLATE, text, 3):
        full = found[0].rstrip("rusрус ")[-1].isdigit() and (
            found[0][0].isupper() or "а" <= found[0][0] <= "я"
        )
        if (full or _PLATE_SAID.search(before(low, found.start()))) and not is_business(
            low, found.start()
        ):
            key = found[0].upper().translate(_LOOK_ALIKE)
            yield Hit(*found.span(), "PLATE", "".join(key.split()), PATTERN)
    for found in read.near_digits(_OTHER_PLATE, text, 1):
        if _PLATE_SAID.search(before(low, found.start())):
            yield Hit(*found.span(), "PLATE", "".join(found[0].split()), SAID)


_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
