"""Postal addresses, Russian and Western: anchored on a street or a flat, grown to both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from core.text.anonymiser.context import said
from core.text.anonymiser.hit import PATTERN, SAID, Hit
from core.text.anonymiser.reading import Reading

#: How far an address may reach to each side of its street.
_REACH = 160
#: How far before a house's number its street's word may stand.
_STREET_REACH = 100

_STREET_WORD = (
    r"(?:ул(?:\.|иц[аыеу]й?)?|пр-?(?:кт|т|д)\.?|просп\.?|проспект[ауе]?|пр\.|пер\.?|переул(?:ок"
    r"|к[аеу])|наб\.?|набережн(?:ая|ой)"
    r"|ш\.|шоссе|б-р|бул\.?|бульвар[еау]?|пл\.|площад[ьи]|проезд[еау]?|туп\.?|тупик[еау]?"
    r"|алле[яи]|мкрн?\.?|мкр-н|микрорайон[еау]?"
    r"|тракт[еау]?|лини[яи]|кв-л|квартал[еау]?|снт|днт|жк|пос\.|дер\.|пгт|хутор|станица"
    r"|деревн[яе]|посёлок|поселок|пос[ёе]лке|сел[ое])"
)
_HOUSE_WORD = r"(?:д(?:\.|ом)?|вл(?:\.|адение)?|уч(?:\.|асток)?)"
_PART = (
    r"(?:д(?:\.|ом|)|вл\.?|владение|уч(?:\.|асток)|к(?:орп(?:ус)?)?\.?|с(?:тр(?:оение)?)?\.?"
    r"|лит(?:ера)?\.?|кв(?:артира)?\.?"
    r"|оф(?:ис)?\.?|пом(?:ещение)?\.?|под(?:ъезд|ъ)?\.?|п\.|эт(?:аж)?\.?|комн?(?:ата)?\.?"
    r"|домофон|а/я|секция)"
)
_NUMBER = (
    r"(?:№ ?)?\d{1,4}(?:-бис)?(?:[а-яa-z](?![\wа-я]))?"
    r"(?:[/-]\d{1,4}[а-яa-z]?)?(?:[ -]?[кс] ?\d{1,2}[а-я]?(?!\w))?"
)
_FIRST_HOUSE = (
    rf"(?:[,.]?\s{{0,2}}(?:{_HOUSE_WORD}\s?)?{_NUMBER})"
    r"(?![\w%₽]|[.,-]\d|\s?(?:руб|час|мин|км|лет|дн|шт|раз))"
)
_MORE_HOUSE = (
    rf"(?:[,.;]?\s{{0,2}}(?:\d{{1,2}}[- ]?(?:й|ый)? (?:подъезд|этаж)|{_PART}\s?(?:№ ?)?"
    r"(?:\d{1,4}[а-яa-z]?(?:[/-]\d{1,4})?|(?<=[. ])(?:[а-яё]|[ivxl]{1,5}))(?!\w)))"
)
_RIGHT = re.compile(
    rf"{_FIRST_HOUSE}{_MORE_HOUSE}{{0,6}}"
    r"(?: ?- ?\d{1,4}(?![\w.:%-])|, ?\d{1,4}(?=[;\n]|[.,](?!\d)|$))?",
    re.IGNORECASE,
)
_MORE = re.compile(rf"{_MORE_HOUSE}{{1,6}}", re.IGNORECASE)
_POST_RIGHT = re.compile(
    r",?\s{1,2}(?:г(?:\.|ород)?\s?)?[А-ЯЁ][а-яё]+(?:[- ][А-ЯЁ][а-яё]+)?,\s?\d{6}(?!\d)"
    r"|,?\s{1,2}\d{6}(?!\d)|,\s?(?:г\.|город)\s?[А-ЯЁ][а-яё\-]+(?: [А-ЯЁ][а-яё]+)?(?:,\s?\d{6}"
    r"(?!\d))?"
)

_STREET_BEFORE_NAME = re.compile(
    rf"[^\w-](?:\d{{1,2}}-(?:я|й|ая|ый) )?{_STREET_WORD}(?:\s{{1,2}}|(?<=\.))"
    r"(?=[«\"а-яё]|\d{1,4}(?:-[а-я]| (?:лет|года|мая|марта|января|октября)))"
)
_NAME_BEGINS = re.compile(
    r"[«\"А-ЯЁ\d]|реки |канала |имени |им\.|маршала |академика |генерала |героев |героя "
)
#: A street's word behind something.
_STREET_STEM = re.compile(rf" {_STREET_WORD}(?=[\s,.])")
_TYPED_IN_HASTE = re.compile(r"(?<![\w-])ул(?:\.\s?|ица |ице |\s)(?=[а-яё]{4})")
_STREET_AFTER_NAME = re.compile(
    rf"(?<![\w-])(?:\d{{1,3}}-(?:я|й|ая|ый|го) )?[А-ЯЁ][\w\-]*"
    rf"(?: [А-ЯЁ][\w\-]*){{0,2}} {_STREET_WORD}(?=[\s,.])"
)
_LOCALITY = (
    r"(?:\d{6}|Росси[яи]|РФ|Российская Федерация|Казахстан|Беларусь|Украина"
    r"|(?:г|гор|пос|п|с|дер|д|пгт|р\.?п|ст|х|обл|респ|р-н)\.?\s?[А-ЯЁ][\w\-]*"
    r"(?: [А-ЯЁ][а-яё\-]+){0,2}"
    r"|(?:город|городе|посёлок|поселок|село|деревня|станица|хутор|республика"
    r"|респ\.) [А-ЯЁ][\w\-]*(?: [А-ЯЁ][а-яё\-]+){0,2}"
    r"|[А-ЯЁ][\w\-]+(?: [А-ЯЁ][\w-]+)? (?:обл(?:\.|асть|асти)?|край|края|р-н|район|района|АО|г\.|г)"
    r"|[А-ЯЁ][а-яё]+(?:-[А-ЯЁа-яё]+){0,2}(?: [А-ЯЁ][а-яё\-]+)?|[А-ЯЁ]{3,}(?:-[А-ЯЁ]+)*|" + "\ue000)"
)
_LEFT = re.compile(
    rf"(?<![\w.])(?:{_LOCALITY}[,;]\s{{0,2}}|\d{{6}}\s|(?:г|гор|пос|с|дер"
    rf"|пгт)\.\s?[А-ЯЁ][\w\-]+\s){{1,6}}$"
)
_FLAT_ONLY = re.compile(
    r"(?<!\w)(?:дом|д\.)\s?\d{1,4}[а-я]?(?:/\d+)?,?\s{0,2}(?:(?:корп(?:ус|\.)?|к\."
    r"|стр\.?)\s?\d{1,3},?\s{0,2})?(?:кв|квартира)\.?\s?\d{1,4}"
    r"(?: (?:по|на) (?:ул\.|улице|проспект[уе]|пр\.) ?[а-яё\-]{3,20})?"
)
#: A street without a street's word, where an address is said to be: "живу: Пермь, Ленина 5-12".
_BARE = re.compile(
    r", (?:[А-ЯЁ][а-яё\-]+ ?){1,2}(?<! ),? \d{1,3}[а-я]?(?:[-/]|, ?(?:кв\.? ?)?)\d{1,4}"
    r"(?![\w:]|[.,]\d)"
)
_BARE_BEGINS = re.compile(
    r"(?i:адрес|жив[уёе]|прожива|достав|приезжа)\w*[^\n\d\ue000]{0,16}?[\s:]([А-ЯЁ][а-яё\-]+)$"
)
_CITY_BEHIND = re.compile(r",\s?(?:г\.?\s?)?[А-ЯЁ][а-яё]+(?:-[А-ЯЁа-яё]+)*(?![\w.])")
_FIELD = re.compile(
    r"(?<!\w)(?:адрес\w*(?: (?:регистрации|проживания|доставки|фактический|прописки))?"
    r"|прожива\w+(?: по адресу)?|зарегистрирован\w* по адресу|прописк\w+)\s*[:\-—]\s*"
)
_INDEX_SAID = said("индекс\\w*|почтовый индекс", 8)
_INDEX = re.compile(r"\d(?<!\d\d)\d{5}(?!\d)")

_WEST_KIND = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Place"
    r"|Pl|Terrace|Ter|Way|Crescent|Cres|Close"
    r"|Gardens|Gdns|Park|Row|Hill|Mews|Parkway|Pkwy|Highway|Hwy|Broadway|Circle|Cir|Trail|Walk"
    r"|Grove|Green|Quay|Wharf|Embankment|Loop|Alley)"
)
_UK_POST = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_WEST_TAIL = (
    rf"(?:,?\s{{1,2}}(?:Apt|Apartment|Flat|Suite|Ste|Unit|Room|Floor"
    rf"|#)\.? ?#?[A-Z]?\d{{0,5}}[A-Za-z]?(?!\w))?"
    rf"(?:,\s{{0,2}}(?!{_UK_POST}|[A-Z]{{2}} [A-Z]\d)[A-Z][A-Za-z.'\-]+(?: [A-Z][a-z.'\-]+){{0,2}}"
    r"(?: \d{1,2}(?=,))?){0,3}"
    rf"(?:,?\s{{1,2}}(?:[A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?|{_UK_POST}|[A-Z]{{2,3}} \d{{4}}(?!\d)"
    rf"|(?:[A-Z]\d\d|D6W) ?[A-Z\d]{{4}}(?!\w)"
    rf"|[A-Z]{{2}} [A-Z]\d[A-Z] ?\d[A-Z]\d|\d{{4,5}}(?: [A-Z]{{2}})?(?!\w)))?"
    rf"(?:,\s?(?:USA|UK|U\.S\.A\.|United Kingdom|United States|Canada|Australia|Ireland|Germany"
    rf"|France))?"
)
_WEST = re.compile(
    r"(?<![\w.,$€£#])(?:(?:Flat|Apt|Apartment|Unit|Suite"
    r"|Room)\.? ?#?\d{1,5}[A-Za-z]?,\s{0,2})?\d{1,5}[A-Za-z]?(?:[-/]\d{1,5}[A-Za-z]?)?,? "
    rf"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?(?:(?:[A-Z][A-Za-z'\-]+\.?"
    rf"|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}?{_WEST_KIND}(?![\w'])\.?"
    rf"(?: (?:North|South|East|West|NE|NW|SE|SW|N|S|E|W)(?!\w))?{_WEST_TAIL}"
)
_NEIGHBOUR = (
    r"(?<![\w.,])(?:"
    r"(?:Am|An der|Im|In der|Auf der|Auf dem|Zum|Zur|Unter den|Hinter der) [A-ZÄÖÜ][\wäöüß\-]+"
    r"\s\d{1,4} ?[a-z]?(?!\w)(?=,? (?:[A-Z]-)?\d{5} [A-ZÄÖÜ])"
    r"|[A-ZÄÖÜ][\wäöüß\-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|straat"
    r"|laan|gracht)\s\d{1,4} ?[a-z]?(?!\w)"
    r"|(?:Calle|Via|Viale|Piazza|Avenida|Av\.|Rua|Carrer|ul\.|ulitsa|ulica|prospekt|pr-t|pr\."
    r"|Ulitsa|Prospekt|per\.) (?:[A-Za-zÀ-ÿ][\wÀ-ÿ'\-]* ?){1,4},? ?(?:d\. ?|dom "
    r"|n[º°.] ?)?\d{1,4}[a-z]?(?:[/-]\d{1,4})?(?!\w)"
    r"|\d{1,4}(?: ?(?:bis|ter))?,? (?:[Rr]ue|[Aa]venue|av\.|[Bb]oulevard|bd|place|quai|impasse"
    r"|allée|chemin|cours) (?:de la |de l'|des |du |de |d'|la |le )?"
    r"(?:[A-ZÀ-Ý][\wÀ-ÿ'\-]* ?){1,4}(?<! )"
    r"|[A-Z][a-z]+(?:skaya|skiy|sky|skaja)? (?:ulitsa|street|St|st\.|ul\.|prospekt"
    r"|Prospekt),? ?\d{1,4}[a-z]?(?:-\d{1,4})?(?!\w)"
    r"|[A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|Avenue|Road|Prospekt|Prospect),? (?:bld\.? "
    r"|building |house |d\. ?)?\d{1,4}[a-z]?(?!\w|\.\d)"
    r")(?:,? (?:kv\.?|apt\.?|flat|k\.|korp\.?|Wohnung|piso) ?\d{1,4})*(?:,\s{0,2}"
    r"(?:(?:[A-Z]-)?\d{4,6}(?: ?[A-Z]{2})?|\d{2}-\d{3}) [A-ZÀ-Ý][\wÀ-ÿ\-]+(?: [A-ZÀ-Ý][\wÀ-ÿ]+)?"
    r"|(?:,\s{0,2}[A-ZÀ-Ý][\wÀ-ÿ\-]+){1,2}(?:,? \d{5,6}(?!\d))?)?"
)
_ABROAD = re.compile(_NEIGHBOUR)
#: A street without a street's word, with a town and its post code behind.
_WEST_BARE = re.compile(
    r"(?<![\w.,$€£#])\d{1,4}[A-Za-z]? (?:[A-Z][A-Za-z'\-]+ ?){1,3}(?<! )"
    r"(?:, ?[A-Z][A-Za-z.'\-]+(?: [A-Z][A-Za-z.'\-]+)?(?: \d{1,2}(?=,))?){1,3}"
    rf",? (?:{_UK_POST}|(?:[A-Z]\d\d|D6W) ?[A-Z\d]{{4}}|[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?)(?!\w)"
)
_BOX = re.compile(
    rf"(?<!\w)(?:P\.? ?O\.? ?Box|PO Box|а/я|абонентский ящик)\s?(?:№ ?)?\d{{1,6}}(?!\w)"
    rf"(?:{_WEST_TAIL})"
)
_UK_ALONE = re.compile(r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![\w-])")
_US_END = re.compile(r"(?<!\w)[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}, [A-Z]{2} \d{5}(?:-\d{4})?(?!\d)")
_ZIP_SAID = re.compile(
    r"(?<!\w)(?:zip|zip code|postcode|postal code|post code)[\s:#-]*"
    r"(?:is )?([a-z\d]{3,5}[ -]?[a-z\d]{0,4})(?!\w)"
)


def find(read: Reading) -> Iterator[Hit]:
    """Addresses with a house or a flat; a city alone is nobody's address."""
    text = read.text
    if _HAS_CYRILLIC.search(text):
        yield from _russian(read)
    if _HAS_LATIN.search(text):
        low = read.low
        is_abroad = any(
            _STREET_ABROAD.search(low, *within)
            for within in read.ranges_before_digits(_STREET_REACH)
        ) or read.has_near_digits(_FRENCH_STREET, low, 1)
        abroad = (_ABROAD,) if is_abroad else ()
        box = (_BOX,) if any(one in low for one in _BOX_WORDS) else ()
        state = (_US_END,) if read.has_near_digits(_STATE_AND_ZIP, text, 5) else ()
        west: tuple[re.Pattern[str], ...] = (
            (_WEST,) if read.has_near_digits(_WEST_BODY, text, 1) else ()
        )
        post = (_UK_ALONE,) if read.has_near_digits(_UK_BODY, text, 2) else ()
        if west and (post or state or any(one in low for one in _IRISH)):
            west += (_WEST_BARE,)
        for pattern in (*west, *abroad, *box, *post, *state):
            for found in pattern.finditer(text):
                start, end = found.span()
                yield _hit(text, start, start + len(text[start:end].rstrip(" ,")), PATTERN)
        for found in _ZIP_SAID.finditer(read.low) if any(one in low for one in _ZIP_WORDS) else ():
            if any(sign.isdigit() for sign in found[1]):
                yield _hit(text, *found.span(1), PATTERN)


#: Cheap signs without which a dearer pattern can find nothing.
_WEST_BODY = re.compile(r"\d[A-Za-z]?,? (?:[A-Z]|\d{1,3}(?:st|nd|rd|th) )")
_UK_BODY = re.compile(r"\d[A-Z\d]? \d[A-Z]{2}(?![\w-])")
_IRISH = ("dublin", "cork", "galway", "limerick", "waterford", "ireland")
_FIELD_STEMS = ("адрес", "прожива", "зарегистр", "прописк")
_STATE_AND_ZIP = re.compile(r"[A-Z]{2} \d{5}")
_BOX_WORDS = ("box", "а/я", "абонентск")
_ZIP_WORDS = ("zip", "post")
_HAS_CYRILLIC = re.compile("[А-Яа-я]")
_HAS_LATIN = re.compile("[A-Z]")
_STREET_ABROAD = re.compile(
    r"stra(?:ß|ss)e\s\d|str\.\s\d|weg\s\d|platz\s\d|allee\s\d|gasse\s\d|ring\s\d|damm\s\d|ufer\s\d"
    r"|straat\s\d|laan\s\d|gracht\s\d|calle |via|piazza |aven|av\.|rua |carrer |ul\.|ulit|ulica"
    r"|prosp|pr-t|pr\.|per\.|street|road| st[ ,.]"
    r"|am |an der |im |in der |auf de|zum |zur |unter den |hinter der "
)
_FRENCH_STREET = re.compile(
    r"\d(?: ?(?:bis|ter))?,? (?:rue|av|boul|bd|place|quai|impasse|all[ée]e|chemin|cours)"
)


def _hit(text: str, start: int, end: int, rank: int) -> Hit:
    key = "".join(sign for sign in text[start:end].lower() if sign.isalnum())
    return Hit(start, end, "ADDRESS", key, rank)


def _russian(read: Reading) -> Iterator[Hit]:
    text, low = read.text, read.low
    ranges = read.ranges_before_digits(_STREET_REACH)
    shifted = "\n" + low
    for found in chain.from_iterable(
        _STREET_BEFORE_NAME.finditer(shifted, first, last + 1) for first, last in ranges
    ):
        start, end = found.start(), found.end() - 1  # without the sign before, with the added one
        if _NAME_BEGINS.match(text, end) or _TYPED_IN_HASTE.match(low, start):
            yield from _grown(text, start, _ends_of_name(text, end))
    if _STREET_STEM.search(low):
        for found in _STREET_AFTER_NAME.finditer(text):
            yield from _grown(text, found.start(), [found.end()])
    for found in _FLAT_ONLY.finditer(low) if "кв" in low else ():
        more = _MORE.match(text, found.end())
        yield _left(text, found.start(), more.end() if more else found.end())
    for found in read.near_digits(_BARE, text, 2):
        ahead = text[max(0, found.start() - 60) : found.start()]
        town = _BARE_BEGINS.search(ahead)
        if town:
            yield _hit(text, found.start() - len(town[1]), found.end(), SAID)
    for found in _FIELD.finditer(low) if any(one in low for one in _FIELD_STEMS) else ():
        house = _IN_FIELD.match(text, found.end())
        if house:
            yield _hit(text, *house.span(), SAID)
    for found in read.near_digits(_INDEX, text, 6):
        city = _CITY_BEHIND.match(text, found.end())
        if city:
            yield _hit(text, found.start(), city.end(), PATTERN)
        if _INDEX_SAID.search(low[max(0, found.start() - 24) : found.start()]):
            yield _hit(text, *found.span(), SAID)


#: What a field "address:" holds: to the end of its line, if there are a capital and a number.
_IN_FIELD = re.compile(
    r"(?=[^\n\ue000]{0,40}[А-ЯЁ])[^\n.;\ue000]{0,60}(?:\.[^\n.;\ue000]{1,40}?){0,6}?"
    r",\s?[^\n,;\ue000]{0,12}\d{1,4}[а-я]?(?:/\d+)?(?=\s*(?:[.;\n]|$))"
)


def _ends_of_name(text: str, start: int) -> list[int]:
    """Where a street's name of one to four words may end, the shortest first."""
    ends = []
    place = start
    for _ in range(4):
        word = _NAME_WORD.match(text, place)
        if word is None:
            break
        place = word.end()
        ends.append(place)
    return ends


_NAME_WORD = re.compile(
    r"\s?[«\"]?(?:[А-ЯЁ][\w\-]*|\d{1,4}(?:-(?:летия|летие|го|й|я|ая|ой))?(?: (?:лет|мая|марта"
    r"|года|января|июля|октября))?|лет|мая|марта|января|октября|реки|канала|имени|им|маршала"
    r"|академика|генерала|героев|героя|й|я)(?!\w)\.?[»\"]?",
    re.IGNORECASE,
)


def _grown(text: str, start: int, ends: list[int]) -> Iterator[Hit]:
    for end in ends:
        house = _RIGHT.match(text, end)
        if house is not None:
            yield _left(text, start, house.end())
            return


def _left(text: str, start: int, end: int) -> Hit:
    """An address with the city, region and index before and behind it."""
    begin = max(0, start - _REACH)
    left = _LEFT.search(text[begin:start])
    right = _POST_RIGHT.match(text, end)
    return _hit(text, begin + left.start() if left else start, right.end() if right else end, SAID)
