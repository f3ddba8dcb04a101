"""Letters by the hundred thousand: a few templates that many get, and many that few get."""

from __future__ import annotations

import random
from itertools import accumulate

#: The hottest template's share of all letters, and how the rest thin out.
HOTTEST = 0.1
TEMPLATES_PER_LETTER = 0.1
_SYLLABLES = ("ка", "ро", "ли", "ме", "ста", "при", "но", "ва", "те", "до", "га", "лю", "бе", "зы")
_FOOTERS = (
    "",
    "\n\nЭто письмо отправлено автоматически, отвечать на него не нужно.",
    "\n\nВы получили это письмо, потому что подписаны на рассылку. Отписаться: [URL_1].",
    "\n\nС уважением, команда поддержки. [EMAIL_1]",
)


def letters(count: int, seed: int) -> list[str]:
    """Anonymised letters of 300 to 800 characters."""
    return [said for _, said in of_templates(count, seed)]


def of_templates(count: int, seed: int) -> list[tuple[int, str]]:
    """The same, each with the number of its template; the hottest is 0.

    Every tenth is of one template; the others' templates are drawn by Zipf's law. Letters of one
    template differ in numbers, dates, names, footers and a word here and there.
    """
    rng = random.Random(seed)
    vocabulary = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(20_000)]
    templates = max(2, int(count * TEMPLATES_PER_LETTER))
    weights = [1 / rank**0.8 for rank in range(1, templates)]
    rest = sum(weights)
    cumulated = list(accumulate([HOTTEST, *(weight / rest * (1 - HOTTEST) for weight in weights)]))
    bodies = [_template(rng, vocabulary) for _ in range(templates)]
    chosen = rng.choices(range(templates), cum_weights=cumulated, k=count)
    return [(number, _letter(rng, vocabulary, bodies[number])) for number in chosen]


def _template(rng: random.Random, vocabulary: list[str]) -> list[str]:
    words = rng.choices(vocabulary, k=rng.randint(45, 110))
    for at in range(7, len(words), rng.randint(8, 14)):
        words[at] = words[at] + rng.choice(".,!?.")
    for at in rng.sample(range(len(words)), k=4):
        words[at] = rng.choice(("{number}", "{date}", "[PERSON_1]", "{number} ₽"))
    return words


def _letter(rng: random.Random, vocabulary: list[str], template: list[str]) -> str:
    words = list(template)
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        words[rng.randrange(len(words))] = rng.choice(vocabulary)
    body = " ".join(words).replace("{number}", str(rng.randint(1, 99_999)))
    body = body.replace("{date}", f"{rng.randint(1, 28)}.{rng.randint(1, 12):02}.2026")
    return body + rng.choice(_FOOTERS)
