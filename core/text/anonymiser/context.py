"""What stands beside a number and says what it is."""

from __future__ import annotations

import re

#: How far before a number its name may stand.
NEAR = 48

_JOIN = r"[\s:;#№\-.,()\"«=]*"
_NUMBER = r"(?:(?:номер\w*|number|num|no|nr|код\w*|id|n|is|it's)\b[\s:;#№\-.,()=]*){0,2}"
_NOT_PERSONAL = re.compile(
    r"(?:заказ\w*|покупк\w*|order|трек\w*|track\w*|отправлени\w*|посылк\w*|артикул\w*|арт|sku"
    r"|isbn|issn"
    r"|ean|gtin|штрих-?код\w*|barcode|накладн\w*|фактур\w*|чек\w*|invoice|инвойс\w*|ticket|тикет\w*"
    r"|обращени\w*|заявк\w*|заявлени\w*|договор\w*|contract|parcel|shipment|shipping|транзакци\w*"
    r"|transaction|операци\w*|платеж\w*|платёж\w*|payment|part|serial|ref|reference|case|request"
    r"|код|code|awb|упд|акт\w*|лот\w*|lot|batch|парти\w*|модел\w*|model|бик|кпп|окпо|октмо|оквэд"
    r"|bic"
    r"|протокол\w*|приказ\w*|лицензи\w*|licence|license|сертификат\w*|certificate|doi|билд\w*|build"
    r"|рег|регистрационн\w*|инв|инвентарн\w*|таб|табельн\w*|кадастров\w*|реестр\w*|заводск\w*"
    r"|серийн\w*|учётн\w*|учетн\w*|входящ\w*|исходящ\w*|исх|вх|дел[оау]|пропуск\w*|билет\w*|брон\w*"
    r"|booking|reservation|employer|badge|идентификатор\w*|увин|уин|кбк|документ\w*|товар\w*|product|item|позици\w*|ключ\w*|key|hash)"
    rf"{_JOIN}{_NUMBER}$"
)
_UNIT = re.compile(
    r"\s?(?:руб|р\.|р\b|₽|\$|€|£|¥|usd|eur|rub|gbp|kzt|тенге|коп|шт|кг|гр?\b|км|мм|см|м\b|м2|мл"
    r"|л\b|тыс"
    r"|млн|млрд|%|kg|km|ml|pcs|items|dollar|euro|pound|балл|бонус|просмотр|подписчик|писем|letters"
    r"|users|пользовател|human|people|человек|bytes|байт|строк|rows|мб|гб|mb|gb)"
)
_CURRENCY = re.compile(r"(?:[$€£₽¥]|usd|eur|rub|gbp)\s?$")


def before(low: str, start: int, size: int = NEAR) -> str:
    """The piece of a line before a place; at most `size` signs."""
    return low[max(0, start - size) : start]


def is_business(low: str, start: int) -> bool:
    """Whether a number is said to be of an order, a parcel, a document: nobody's own."""
    return _NOT_PERSONAL.search(before(low, start)) is not None


def is_amount(low: str, start: int, end: int) -> bool:
    """Whether a number has a unit or a currency."""
    return _UNIT.match(low, end) is not None or _CURRENCY.search(before(low, start, 5)) is not None


def said(words: str, gap: int = 24) -> re.Pattern[str]:
    """A pattern of words that say what the number behind them is.

    Between them and the number may stand up to `gap` signs without digits.
    """
    return re.compile(
        rf"(?<!\w)(?:{words})[^\d\n\ue000]{{0,{gap}}}\n?[^\d\n\ue000]{{0,{gap // 2}}}$"
    )


def digits_of(text: str) -> str:
    """The digits alone.

    >>> digits_of("45 06 № 123456")
    '4506123456'
    """
    return "".join(sign for sign in text if "0" <= sign <= "9")
