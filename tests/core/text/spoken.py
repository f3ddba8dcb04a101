"""Letters about a few subjects, each letter in words of its own."""

from __future__ import annotations

import random

_SUBJECTS = {
    "bank": "выписка по счёту остаток счёте операция карта банк платёж перевод рублей комиссия "
    "вклад процент кредит договор баланс списание",
    "school": "родительское собрание класс учитель четверть оценки урок экскурсия музей школа "
    "директор дневник учебник каникулы столовая кабинет",
    "travel": "flight booking boarding gate departure airport luggage passenger airline check "
    "delay seat terminal ticket arrival crew",
}
_OTHERS = (
    "солнце дерево окно вода камень бумага облако река музыка стол лампа дорога птица сад цветок "
    "зима лето утро вечер город"
)


def about(subject: str, letters: int, *, seed: int) -> list[str]:
    """So many letters about a subject: two thirds of their words are of it, in any order."""
    rng = random.Random(f"{subject}/{seed}")
    words = _SUBJECTS[subject].split()
    made = []
    for _ in range(letters):
        said = rng.sample(words, k=10) + rng.sample(_OTHERS.split(), k=4)
        rng.shuffle(said)
        made.append(" ".join(said))
    return made
