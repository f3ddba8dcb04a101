"""Taking apart what a letter says itself and what it quotes.

A reported letter is often a forward of the letter that was decided wrongly, or an answer above it.
Letters are compared by what they say themselves; one that says little and quotes much, by what it
quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text.footers import cut_footer

#: A letter that says fewer words of its own than this, and fewer than it quotes, is compared by its
#: quotation: "Спасибо!" above two different letters does not make them alike.
OWN_WORDS = 20
#: Forwards of forwards are followed this deep.
DEEPEST = 12
#: Lines of one header block, and characters of a line that introduces a quotation.
LONGEST_HEADER = 12
LONGEST_LINE = 300

_MENTION = (
    r"(?:original (?:message|appointment)|(?:begin )?forwarded (?:message|e-?mail|letter)|"
    r"(?:исходное|пересылаемое|пересланное|перенаправленное) (?:сообщение|письмо)|"
    r"(?:начало |конец )?(?:пересылаемого|пересланного) (?:сообщения|письма)|"
    r"end (?:of )?forwarded message)"
)
#: What `_INLINE` begins with.
_STROKES = re.compile(r"[-_=]{3}")
_DIVIDER = re.compile(rf"^[\W_]*{_MENTION}(?:[^\n]{{0,80}}:)?[\W_]*$", re.IGNORECASE)
#: The same within a line, where the line breaks of a letter were lost.
_INLINE = re.compile(
    rf"((?<![-_=])[-_=]{{3,}}\s{{0,9}}{_MENTION}\s{{0,9}}[-_=]{{3,}})", re.IGNORECASE
)
#: Who wrote what follows. A line without a date or an address may as well introduce a poem.
_WROTE = re.compile(
    r"^(?=.*(?:\d|@|<|\[email_)).{3,240}\b(?:wrote|schrieb|a écrit|(?:на)?писал(?:а|и|\(а\))?|"
    r"пишет|сообщает)\s*:$",
    re.IGNORECASE,
)
_FROM_WHOM = re.compile(
    r"^(?:[^\W\d_]{2,12},?\s+)?\d{1,4}[\s./-].{4,120}"
    r"(?:\bот\b.{1,120}|<[^<>]{1,120}>|\[email_\d+\]>?)\s*:$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\W{0,3}(from|sent|to|cc|bcc|date|subject|reply-to|importance|attachments|от|от кого|"
    r"отправлено|отправитель|кому|получатель|копия|дата|тема|вложения)\W{0,3}:(?:\W|$)",
    re.IGNORECASE,
)
_SENDER = frozenset({"from", "sent", "от", "от кого", "отправлено", "отправитель"})
_SUBJECT = re.compile(r"^\s*(?:subject|тема)\s*:\s*", re.IGNORECASE)
_ANSWER = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|отв|ответ|пересл|на|нa)\s*(?:\[\d+\]|\(\d+\))?\s*:\s*)+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s{0,3}(?:>|&gt;)\s?")
_WORD = re.compile(r"[^\W\d_]{2,}")


def body(text: str) -> str:
    r"""What a letter is compared by: without quotation marks, headers and footer.

    Never empty where the letter has a word.

    >>> body("Fwd: \n> Счёт готов.\n> Оплатите его до пятницы.")
    'Счёт готов.\nОплатите его до пятницы.'
    """
    lines = (_INLINE.sub(r"\n\1\n", text) if _STROKES.search(text) else text).splitlines()
    found = _body(lines, DEEPEST)
    return found if _WORD.search(found) else text.strip()


def _body(lines: Sequence[str], depth: int) -> str:
    own, quoted = _split(lines)
    said = cut_footer(_without_subject("\n".join(own)))
    if not quoted or not depth:
        return said
    words = len(_WORD.findall(said))
    if words >= OWN_WORDS:
        return said
    forwarded = _body(quoted, depth - 1)
    return forwarded if len(_WORD.findall(forwarded)) > words else said


def _split(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """A letter's own lines, and those that it quotes, freed of one level of quotation."""
    own: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        if mark := _QUOTED.match(lines[at]):
            quoted.append(lines[at][mark.end() :])
            at += 1
            continue
        taken = _introduction(lines, at)
        if not taken:
            own.append(lines[at])
            at += 1
            continue
        at += taken
        while at < len(lines) and (not lines[at].strip() or _introduction(lines, at)):
            at += max(1, _introduction(lines, at))
        if at < len(lines) and not _QUOTED.match(lines[at]):
            quoted.extend(lines[at:])
            break
    return own, quoted


def _introduction(lines: Sequence[str], at: int) -> int:
    """How many lines from here introduce a quotation; 0 if none does."""
    line = lines[at].strip()
    if not line:
        return 0
    if len(line) <= LONGEST_LINE and (_DIVIDER.match(line) or _says_who(line)):
        return 1
    if _is_wrapped(lines, at):
        return 2
    return _headers(lines, at) if ":" in line else 0


def _says_who(line: str) -> bool:
    """Whether a line, stripped, says who wrote what follows."""
    return line.endswith(":") and bool(_WROTE.match(line) or _FROM_WHOM.match(line))


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    """Whether "On … wrote:" goes over two lines."""
    if at + 1 >= len(lines) or not lines[at + 1].rstrip().endswith(":"):
        return False
    joined = f"{lines[at].strip()} {lines[at + 1].strip()}"
    begins = re.match(r"(?:On|Am|Le|\d)\b", joined)
    return bool(begins) and len(joined) <= LONGEST_LINE and _says_who(joined)


def _headers(lines: Sequence[str], at: int) -> int:
    """How many lines from here are a header block that names a sender: at least two."""
    names: list[str] = []
    for line in lines[at : at + LONGEST_HEADER]:
        found = _HEADER.match(line)
        if not found:
            break
        names.append(found[1].lower())
    return len(names) if len(names) >= 2 and _SENDER & set(names) else 0


def _without_subject(text: str) -> str:
    """The text without "Subject:" and the marks of answers and forwards before it."""
    text = text.strip()
    return _ANSWER.sub("", _SUBJECT.sub("", text, count=1), count=1)
