"""Addresses in the network: e-mail, URLs that carry data, messenger names, IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from core.text.anonymiser.context import before
from core.text.anonymiser.hit import CHECKED, FRAME, PATTERN, SAID, Hit
from core.text.anonymiser.reading import Reading

#: The sign between name and host, in the ways people write it to escape robots.
_AT = re.compile(r" ?@ ?| ?[(\[{<]\s?(?:at|собака|эт|@)\s?[)\]}>] ?| (?:собака|собачка|sobaka|at) ")
_LOCAL = re.compile(
    r"(?:[\w+\-]{1,30}(?: ?[(\[](?:dot|точка)[)\]] ?| (?:dot|точка) )){0,3}[\w.+%'\-]{1,64}$"
)
_DOT = (
    r"(?:\.|,(?=(?:ru|com|net|org|ua|by|kz|рф)(?!\w))"
    r"| ?[(\[{]\s?(?:dot|точка|\.)\s?[)\]}] ?| (?:dot|точка) )"
)
_HOST = re.compile(rf"(?:[^\W_](?:[\w\-]{{0,62}}[^\W_])?{_DOT}){{1,6}}[^\W\d_]{{2,24}}(?![\w@])")
_SPELT_DOT = re.compile(r"[(\[{]|\b(?:dot|точка)\b")
_AT_WORDS = (" собак", " sobaka", " at ")
_AT_IN_BRACKETS = re.compile(r"[(\[{<]\s?(?:at|собака|эт)")

_URL = re.compile(
    r"(?:(?:https?|ftp)://|www\.|(?<![\w@./-])(?:t\.me|vk\.com|vk\.me|ok\.ru|wa\.me"
    r"|instagram\.com|facebook\.com"
    r"|fb\.com|linkedin\.com|twitter\.com|x\.com|github\.com|tiktok\.com|m\.me)/"
    r"|(?<![\w@./-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}[a-z]{2,10}/)[^\s<>\"«»\ue000]*"
)
_SLASH = re.compile(r"://|\.[a-z]{2,10}/")
_PROFILE_HOST = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?(?:t\.me|vk\.com|vk\.me|ok\.ru|wa\.me|instagram\.com"
    r"|facebook\.com|fb\.com"
    r"|linkedin\.com/in|twitter\.com|x\.com|tiktok\.com|m\.me|github\.com)/[\w.@+-]"
)
_PERSONAL_PATH = re.compile(
    r"/(?:u|users?|profiles?|accounts?|people|members?|unsubscribe|unsub|confirm|verify|reset"
    r"|invite|activate|token"
    r"|customers?|clients?|patients?|cabinet|lk|id\d+)/?[\w@.%=~-]|/id\d{3,}|/~\w|@|:[^/@\s]+@"
)
_TOKEN = re.compile(r"(?=[a-z0-9_-]*\d)(?=[a-z0-9_-]*[a-z])[a-z0-9_-]{20,}(?![a-z0-9_-])")
_QUERY = re.compile(r"[?&#;]([\w.\[\]%-]{1,40})=([^&#;\s]+)")
_PLAIN_KEYS = re.compile(
    r"utm_\w+|lang|locale|hl|page|p|sort|order|size|limit|offset|category|cat|color|colour|v"
    r"|version|theme|tab|ref|source"
    r"|from|currency|filter|view|format|gclid_off"
)

_HANDLE = re.compile(r"@(?<![\w@.+\-/].)[A-Za-z][\w.]{2,31}(?![\w@(])")
_USER_SAID = re.compile(
    r"(?<!\w)(?:логин\w*|ник(?:нейм)?|никнейм\w*|имя пользовател\w+|пользовател\w+|login"
    r"|user ?name|user|user id|nick(?:name)?|skype|скайп\w*"
    r"|telegram|телеграм\w*|instagram|инстаграм\w*|discord|handle)[\"']?\s*(?:(?:(?:is|это|-|:|="
    r"|—)\s*){1,2}[\"']?|(?=[a-z.]{0,40}[\d_]))"
    r"(?!(?:login|user|username|name|skype|telegram|instagram|discord|nick|and|or|is|the|not)\b)"
    r"(@?[a-z][a-z0-9_.:#\-]{2,40}[a-z0-9])(?![\w@])"
)
_USER_STEMS = (
    *("логин", "ник", "пользовател", "скайп", "телеграм", "инстаграм", "login", "user", "nick"),
    *("skype", "telegram", "instagram", "discord", "handle"),
)

_IP4 = re.compile(r"\d(?<![\w.].)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w]|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,39}(?:\.\d{1,3}){0,3}(?:%\w{1,10})?(?![\w:])")
_VERSION = re.compile(
    r"(?<!\w)(?:верси\w*|version|ver|v|build|сборк\w*|релиз\w*|release|firmware|прошивк\w*|обновлени\w*"
    r"|update|driver|драйвер\w*"
    r"|пункт\w*|п|раздел\w*|section|chapter|глав\w*)[\s.:№#]*$"
)


def find(read: Reading) -> Iterator[Hit]:
    """E-mail and IP addresses, URLs, messenger and user names."""
    low = read.low
    if "@" in low or any(at in low for at in _AT_WORDS) or _AT_IN_BRACKETS.search(low):
        yield from _emails(low)
        for found in _HANDLE.finditer(low):
            yield Hit(*found.span(), "HANDLE", found[0].rstrip("."), PATTERN)
    if "www." in low or _SLASH.search(low):
        yield from _urls(low)
    for found in _USER_SAID.finditer(low) if any(stem in low for stem in _USER_STEMS) else ():
        yield Hit(*found.span(1), "HANDLE", "@" + found[1].removeprefix("@"), SAID)
    yield from _ips(read)


def _emails(low: str) -> Iterator[Hit]:
    for sign in _AT.finditer(low):
        start = max(0, sign.start() - 64)
        local = _LOCAL.search(low[start : sign.start()])
        host = _HOST.match(low, sign.end())
        if local is None or host is None:
            continue
        name = _plain_host(local[0]).strip(".'%-")
        if not name:
            continue
        at = sign[0].strip()
        bare = at == "at"
        if sign[0] == " @" and not _COMMON_END.search(host[0]):
            continue  # "ping @yusuf.demir"
        if bare and not (_SPELT_DOT.search(host[0]) or re.search(r"[._\d]", name)):
            continue  # "look at example.com"
        end = host.end()
        key = name + "@" + _plain_host(host[0])
        yield Hit(sign.start() - len(local[0].lstrip(".'%-")), end, "EMAIL", key, CHECKED)


#: Ends of hosts that may follow " @" without making it somebody's handle.
_COMMON_END = re.compile(r"[.,](?:com|net|org|info|biz|io|edu|gov|[a-z]{2}|рф|рус)$")


def _plain_host(host: str) -> str:
    return re.sub(r"\s?[(\[{]?\s?(?:\bdot\b|точка|[.,])\s?[)\]}]?\s?", ".", host)


def _urls(low: str) -> Iterator[Hit]:
    for found in _URL.finditer(low):
        url = found[0].rstrip(".,;:!?)]}'*_")
        if _carries_data(url):
            yield Hit(found.start(), found.start() + len(url), "URL", url, FRAME)


def _carries_data(url: str) -> bool:
    if _PROFILE_HOST.match(url) or _PERSONAL_PATH.search(url.partition("://")[2] or url):
        return True
    if _TOKEN.search(url):
        return True
    return any(not _PLAIN_KEYS.fullmatch(key) for key, _ in _QUERY.findall(url))


def _ips(read: Reading) -> Iterator[Hit]:
    text, low = read.text, read.low
    for found in read.near_digits(_IP4, text, 4):
        if _is_ip(found[0]) and not _VERSION.search(before(low, found.start(), 24)):
            yield Hit(*found.span(), "IP", found[0], CHECKED)
    if "::" in text or text.count(":") >= 7:
        for found in _IP6.finditer(text):
            piece = found[0].rstrip(":") if not found[0].endswith("::") else found[0]
            if piece.count(":") >= 2 and any(s.isalnum() for s in piece) and _is_ip(piece):
                yield Hit(found.start(), found.start() + len(piece), "IP", piece.lower(), CHECKED)


def _is_ip(piece: str) -> bool:
    try:
        ipaddress.ip_address(piece)
    except ValueError:
        return False
    return True
