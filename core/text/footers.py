"""Cutting what stands under every letter of a sender and says nothing about this one.

Different letters with one shared footer look alike: with footers left on, measured pairwise
precision of near-duplicate groups falls from 1.0 to 0.56. Footers are cut from the end, and what
precedes the letter ("view in your browser") from the beginning; never the whole letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

#: Words below "Kind regards" that are no footer by themselves: names, posts, firms. More of them
#: are a postscript.
SIGNATURE_WORDS = 40
#: Nothing that stands before so many more words of the letter's own than of footers is a footer.
FAR_WORDS = 60

#: Where a sentence or a line ends.
_END = re.compile(r"[\n.!?…](?:(?<=\n)|(?=\s+[^\s\da-zа-яё]))")
_WORD = re.compile(r"[^\W\d_]{2,}")
_RULE = re.compile(r"^\s*(?:--|[-—–]{2,}|_{3,}|={3,}|\*{3,}|~{3,}|(?:[-*_=]\s){3,}[-*_=]?)\s*$")
_SIGN_OFF = re.compile(
    r"^\W*(?:с (?:наилучшим |глубоким |большим )?уважением|с наилучшими пожеланиями|"
    r"с (?:любовью|благодарностью|теплом|заботой)\b(?=\s*(?:о вас)?\s*[,.!—–-]|\s*$)|"
    r"всего (?:вам )?(?:доброго|хорошего|наилучшего)|искренне ваш[аи]?|"
    r"(?:ваш[аи]? |наша )?(?:команда|администрация|редакция)\s+\S+(?:\s+\S+)?\s*[.!]?$|"
    r"(?:with )?(?:best|kind|kindest|warm|warmest) (?:regards|wishes)|regards\b|"
    r"(?:yours )?(?:sincerely|faithfully|truly)\b(?: yours)?|respectfully|"
    r"(?:cheers|best|thanks|thank you|many thanks|спасибо|до встречи|до свидания)\s*[,!.]?\s*$|"
    r"(?:the|your) [\w ]{0,30}team\s*[.!]?$)"
)
#: Sentences of footers, by what they are for.
_PHRASE = re.compile(
    r"unsubscrib|opt[- ]?out|отпи(?:сать|ши|саться|ска)|отказаться от (?:рассыл|получени|подписк)|"
    r"(?:email|mail|subscription|notification|communication) (?:preferences|settings)|"
    r"настро(?:ить|йк[аиу]) (?:рассыл|уведомлен|подписк)|"
    r"(?:manage|update|change) your (?:subscription|preferences|settings|profile)|"
    r"управл(?:ять|ение|яйте) (?:подписк|рассылк)|"
    # why it came
    r"you(?:'re| are)? (?:receiv(?:e|ed|ing)|got|getting|subscribed)\b.{0,60}"
    r"\b(?:because|as you|since|to our|to this|from)|"
    r"(?:this|the) (?:e-?mail|message|letter|newsletter) (?:was|is|has been) "
    r"(?:sent|intended|generated|delivered|an automat)|(?:this|the) mailing list|"
    r"вы (?:получили|получаете|подписа(?:ны|лись))\b.{0,60}(?:пис|рассыл|сообщ|уведомл|потому|"
    r"так как|подпис)|"
    r"(?:это|данное|настоящее)? ?(?:письмо|сообщение|уведомление|рассылка) "
    r"(?:было )?(?:отправлен|сформирован|созда|направлен|предназначен|сгенерирован|явля)|"
    r"(?:отправлен|сформирован)\w* автоматически|автоматическ\w+ (?:рассылк|письм|сообщ|уведомл)|"
    r"automat(?:ic|ed|ically)[\w -]{0,20}(?:message|e-?mail|generated|sent)|"
    # do not answer
    r"do not reply|don't reply|no-?reply|not monitored|unmonitored|"
    r"не (?:нужно|надо|следует|требуется) (?:на него )?отвечать|отвечать на (?:него|это|данное)|"
    r"не отвечайте|просим не отвечать|(?:пожалуйста|просьба),? не отвеча|"
    # legal
    r"confidential|intended (?:solely|only|recipient|for the)|intended recipient|privileged|"
    r"конфиденциальн|предназначен\w* (?:только|исключительно)|не являетесь (?:его )?(?:адресатом|"
    r"получателем)|ошибочно получили|получили (?:это|данное)\b.{0,30}по ошибке|"
    r"received (?:this|it)\b.{0,40}(?:in error|by mistake)|"
    r"(?:notify|inform) the sender|delete (?:it|this (?:message|e-?mail))|удалите (?:его|это)|"
    r"all rights reserved|все права защищены|©|\(c\) ?\d{4}|copyright|privacy (?:policy|notice)|"
    r"terms (?:of (?:use|service)|and conditions|& conditions)|политик\w+ конфиденц|"
    r"пользовательск\w+ соглашен|персональн\w+ данн|"
    r"registered (?:office|in |address|company|number)|юридический адрес|"
    r"\b(?:ооо|оао|пао|зао|ао|ип|llc|ltd|inc|gmbh|plc)\b.{0,80}(?:\[(?:inn|ogrn|address)|инн|огрн|"
    r"лицензи|№|адрес)|\b(?:инн|огрн|кпп)\b|лицензи[яи] (?:цб|банка|№|на осущ)|licen[sc]ed by|"
    r"не является (?:публичной )?офертой|на правах рекламы|реклама\.|\berid\b|"
    r"think before you print|before printing|берегите (?:природу|лес)|прежде чем печатать|"
    # where else to find the sender
    r"follow us|find us on|connect with us|мы в (?:соц|vk|вк|telegram|телеграм)|"
    r"подписывайтесь на нас|присоединяйтесь к нам|download (?:our|the) app|"
    r"(?:скачайте|установите|загрузите) (?:наше |мобильное |бесплатное )*приложение|"
    r"sent from my|get outlook for|отправлено (?:с|из) (?:моего|мобильн|iphone|ipad|android|почт|"
    r"outlook|яндекс|mail)|sent (?:with|via|by) (?:mailchimp|sendgrid|unisender|proton)|"
    r"our (?:mailing )?address|наш адрес|"
    r"(?:служба|отдел|центр) (?:поддержк|заботы|клиентск)\w*.{0,40}(?:\[|@|тел|\d|$)|"
    r"(?:остались|есть|возникли) вопросы\?|(?:have|any|got) (?:any )?(?:more )?questions\?|"
    r"view (?:it |this |the )?(?:e-?mail |message |letter )?(?:in|online)\b.{0,24}(?:browser|$)|"
    r"(?:not|trouble|problems?) (?:display|view|see)ing|"
    r"(?:откр|посмотр|прочита|отобра)\w+ .{0,40}(?:в браузере|веб-верси|некорректно|неправильно)|"
    r"веб-верси[яю]|web version"
)
#: At least one of these is in whatever `_PHRASE` finds; looking for them is ten times as quick.
_TRACES = (
    "unsubscrib", "opt-out", "opt out", "отпис", "отпиш", "отказаться", "preferences", "settings",
    "настро", " your ", "управл", "receiv", "getting", "got", "subscribed", "sent", "intended",
    "generated", "delivered", "automat", "mailing list", "вы получ", "вы подпис", "отправлен",
    "сформирован", "созда", "направлен", "предназначен", "сгенерирован", "явля", "автоматическ",
    "reply", "monitored", "отвеча", "confidential", "recipient", "privileged", "конфиденц",
    "адресатом", "получателем", "ошибочно", "по ошибке", "the sender", "delete", "удалите",
    "reserved", "защищены", "©", "(c)", "copyright", "privacy", "terms ", "соглашен", "персональн",
    "registered", "адрес", "[inn", "[ogrn", "[address", "инн", "огрн", "кпп", "лицензи", "№",
    "licen", "офертой", "реклам", "erid", "print", "берегите", "печатать", "follow us",
    "find us on", "connect with us", "мы в ", "подписывайтесь", "присоединяйтесь", " app",
    "приложение", "outlook", "address", "служба", "отдел", "центр", "вопросы?", "questions?",
    "view", "display", "seeing", "браузер", "верси", "некорректно", "неправильно", "web version",
)  # fmt: skip
#: Words that stand beside contacts and between them, as the beginnings of lines tell.
_CONTACT_WORDS = (
    "тел", "телефон", "телефоны", "факс", "моб", "email", "эл", "почта", "электронная",
    "адрес", "сайт", "web", "phone", "tel", "fax", "mobile", "address", "website", "город", "ул",
    "улица", "дом", "офис", "office", "street", "moscow", "москва", "россия", "russia", "instagram",
    "telegram", "whatsapp", "facebook", "linkedin", "vk", "youtube", "twitter", "вконтакте",
    "одноклассники", "ютуб", "viber", "дзен", "skype", "inn", "или", "and", "or",
)  # fmt: skip
_BESIDE_CONTACTS = frozenset({*_CONTACT_WORDS, "mail"})  # of "e-mail"
#: Nothing that `_CONTACT` finds is without one of its words or one of these, or goes over a space.
_SIGNS = ("[", "@", "://", "www.")
_UNBROKEN = re.compile(r"\S*")
_CONTACT = re.compile(
    r"\[[a-z]+_\d+\]|https?://\S+|www\.\S+|\S{1,64}@\S+|"
    rf"\b(?:e-mail|{'|'.join(_CONTACT_WORDS)})\b"
)


@dataclass(slots=True)
class _Sentence:
    """A sentence or a line: where it stands, how many words it has, and itself in lower case.

    Attributes:
        traces: those of `_TRACES` that are somewhere in the letter.
    """

    start: int
    end: int
    words: int
    said: str
    traces: Sequence[str]

    @property
    def is_footer(self) -> bool:
        """Whether it is made of what footers are made of."""
        said = self.said
        for trace in self.traces:
            if trace in said:
                if _PHRASE.search(said):
                    return True
                break
        return self.is_contact or self.is_sign_off

    @property
    def is_contact(self) -> bool:
        """Whether nothing is left of it without its addresses and numbers."""
        said = self.said
        first = _WORD.search(said)
        if first and first[0] not in _BESIDE_CONTACTS:
            until_there = said[: first.end()] + _UNBROKEN.match(said, first.end())[0]  # type: ignore[index]
            if not any(sign in until_there for sign in _SIGNS):
                return False
        rest, contacts = _CONTACT.subn(" ", said)
        return bool(contacts) and not _WORD.search(rest)

    @property
    def is_sign_off(self) -> bool:
        """Whether it begins the signature."""
        return bool(_SIGN_OFF.match(self.said))

    @property
    def is_rule(self) -> bool:
        """Whether it is a line drawn with signs."""
        return not self.words and bool(_RULE.match(self.said))


def cut_footer(text: str) -> str:
    r"""The text without its footer, and without what precedes the letter.

    Sentences are told apart by what footers are made of: how to unsubscribe, why the letter came,
    legal notices, signatures, contacts. From the end, the stretch is cut that holds the most words
    of such sentences more than of others, so that a sentence between two of them goes with them
    and a letter that mentions a subscription does not. Whatever follows a sign-off or a rule goes
    too, unless it is too long for a footer.

    >>> cut_footer("Собрание в пятницу.\n\nС уважением, школа\nОтписаться: [URL_1]")
    'Собрание в пятницу.'
    """
    sentences = list(_sentences(text))
    first = next((at for at, one in enumerate(sentences) if one.words and not one.is_footer), None)
    if first is None:
        return text.strip()
    return text[sentences[first].start : sentences[_cut(sentences, first) - 1].end].strip()


def _sentences(text: str) -> Iterator[_Sentence]:
    said = _plain(text)
    traces = [trace for trace in _TRACES if trace in said]
    # There are letters that are longer in lower case, and then nothing stands where it stood.
    same = len(said) == len(text)
    start = 0
    for end in chain(map(re.Match.end, _END.finditer(text)), (len(text),)):
        stop = end - 1 if end and text[end - 1] == "\n" else end
        if stop > start:
            own = text[start:stop]
            yield _Sentence(
                start,
                stop,
                len(_WORD.findall(own)),
                said[start:stop] if same else _plain(own),
                traces,
            )
        start = end


def _cut(sentences: list[_Sentence], first: int) -> int:
    """Where the footer begins: the number of a sentence after the first that is none."""
    left = sum(one.words for one in sentences[first:])
    weight = best = tail = strangers = 0
    cut = len(sentences)
    for at in range(len(sentences) - 1, first, -1):
        sentence = sentences[at]
        left -= sentence.words
        is_footer = sentence.is_footer
        ends_here = (sentence.is_rule and tail <= left) or (
            strangers <= SIGNATURE_WORDS and sentence.is_sign_off
        )
        tail += sentence.words
        strangers += 0 if is_footer else sentence.words
        if ends_here:
            weight = tail
        else:
            weight += sentence.words if is_footer else -sentence.words
        if weight >= best and (ends_here or is_footer or not sentence.words):
            best, cut = weight, at
        if weight < best - FAR_WORDS:
            break
    return cut


def _plain(said: str) -> str:
    return said.lower().replace("ё", "е")
