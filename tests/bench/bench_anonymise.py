"""What anonymising costs: letters a second on one core, and how it grows with a letter's length.

`python -m tests.bench.bench_anonymise` prints one JSON object. `letters_per_second` is of letters
of 400 to 800 characters: one or two lines of labelled letters among prose without details
(`details` is how many details they have on average); `dense_letters_per_second` is of the labelled
letters alone, which have more than three details each.
`over_plain_patterns` is the time over that of a pass of seven plain regular expressions (the usual
first attempt: no check digits, no names, no placeholders by value), in the same process.
`growth` is the time of a letter 16 times as long over 16 times the time of the letter: about 1
where cost is linear. Times are of the processor, the best of some rounds, with warm caches.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable

from core.text.anonymise import anonymise
from tests.core.text.labelled import letter, letters

ROUNDS = 5
LETTERS = 300
PROSE = (
    "Добрый день! Пишу по поводу доставки: курьер приехал вовремя, но коробка была мятая.",
    "Подскажите, пожалуйста, когда откроется запись на следующий месяц и можно ли прийти вдвоём.",
    "Это письмо попало не в ту папку, хотя я на рассылку подписался сам и читаю её каждую неделю.",
    "Стоимость выросла с 1 200 до 1 450 рублей, предыдущий счёт от 12.03.2026 я уже оплатил.",
    "The attached report has the figures for March; the second table still needs a check.",
    "Please let us know if the new schedule works for you, we can move the call to Thursday.",
    "We have updated our terms and conditions; nothing changes for orders placed before 1 May.",
    "Сезон открыт: скидки до 40 % на всю обувь, при заказе от 5 000 рублей доставка бесплатна.",
)
PLAIN = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+\.[\w.]+)|(?P<phone>(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2})"
    r"|(?P<card>\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b)|(?P<snils>\b\d{3}-\d{3}-\d{3} \d{2}\b)"
    r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b)|(?P<url>https?://\S+)"
    r"|(?P<name>\b[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:вич|вна)\b)"
)


def typical() -> list[str]:
    """Letters of 400 to 800 characters."""
    drawn = random.Random(20260601)
    dense = [letter(one).text for name in ("first", "second", "third") for one in letters(name)]
    lines = [line for one in dense for line in one.split("\n") if line]
    made = []
    while len(made) < LETTERS:
        parts = [*drawn.sample(lines, drawn.randint(1, 2)), *drawn.sample(PROSE, 5)]
        drawn.shuffle(parts)
        text = "\n".join(parts)
        if 400 <= len(text) <= 800:
            made.append(text)
    return made


def best(work: Callable[[], object]) -> float:
    """Seconds of the processor in the best of the rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    """Measure and print."""
    mixed = typical()
    dense = [letter(one).text for name in ("first", "second", "third") for one in letters(name)]

    def anonymised(texts: list[str]) -> None:
        for text in texts:
            anonymise(text)

    def replaced(texts: list[str]) -> None:
        for text in texts:
            PLAIN.sub(lambda found: f"[{found.lastgroup}]", text)

    first = time.process_time()
    anonymise("Анна")
    first = time.process_time() - first
    seconds = best(lambda: anonymised(mixed))
    long = "\n".join(mixed[:16])
    print(
        json.dumps(
            {
                "letters_per_second": round(len(mixed) / seconds),
                "characters": round(sum(map(len, mixed)) / len(mixed)),
                "details": round(sum(len(anonymise(one).spans) for one in mixed) / len(mixed), 2),
                "dense_letters_per_second": round(len(dense) / best(lambda: anonymised(dense))),
                "over_plain_patterns": round(seconds / best(lambda: replaced(mixed)), 1),
                "growth": round(
                    best(lambda: anonymised([long])) / best(lambda: anonymised(mixed[:16])), 2
                ),
                "first_letter_ms": round(1_000 * first),
            }
        )
    )


if __name__ == "__main__":
    main()
