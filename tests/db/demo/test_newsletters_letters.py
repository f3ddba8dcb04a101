"""The simulated letters: invented people in them, and what anonymisers make of those."""

import re
from itertools import combinations

import numpy as np
import pytest

from core.text.anonymise import anonymise
from core.text.anonymiser.checks import iban, luhn
from core.text.normalise import words
from core.text.signature import THRESHOLD, jaccard, shingles
from db.demo.newsletters import people, relay
from db.demo.newsletters.letters import NEW_MAILING_DAYS, Letter, letter, mailing
from db.demo.newsletters.texts import HOSTILE_MARKS, LEARNT, TOPICS, Topic


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def sent() -> list[Letter]:
    """Letters of every topic and of several of its mailings."""
    draw = chance()
    return [letter(draw, topic, number) for topic in TOPICS for number in range(12)]


def test_letters_are_full_of_personal_details_of_every_kind(sent: list[Letter]) -> None:
    assert sum(len(one.details) for one in sent) > 2 * len(sent) * 0.8
    found = "\n".join(one.text for one in sent)
    for form in (r"\+7 ?\(?9\d\d", r"4\d{3} \d{4}", r"40817810", r"DE\d\d ", r"@mail\.example",
                 r"203\.0\.113", r"ул\. ", r"полису ОМС \d{16}"):  # fmt: skip
        assert re.search(form, found), form


def test_this_houses_anonymiser_leaves_none_of_them(sent: list[Letter]) -> None:
    left = [
        (detail, one.text)
        for one in sent
        for text in [anonymise(one.text).text]
        for detail in one.details
        if detail in text
    ]
    assert left == []


def test_the_older_stacks_anonymiser_leaves_names_and_telephones(sent: list[Letter]) -> None:
    texts = [relay.anonymise(one.text) for one in sent]
    assert not [text for text in texts if re.search(r"@mail|40817810\d|\d{4} \d{4} \d{4}", text)]
    left = [
        detail
        for one, text in zip(sent, texts, strict=True)
        for detail in one.details
        if detail in text
    ]
    assert [one for one in left if re.search(r"\d{2}[- ]\d{2}$", one)], "telephones"
    assert [one for one in left if re.fullmatch(r"[А-ЯЁ]\w+ [А-ЯЁ]\w+(?: \w+)?", one)], "names"


def test_numbers_have_valid_check_digits() -> None:
    draw = chance()
    for _ in range(50):
        assert luhn(people.card(draw).replace(" ", ""))
        assert luhn(people.policy(draw))
        assert iban(people.iban(draw).replace(" ", ""))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_names_differ_from_person_to_person(language: str) -> None:
    draw = chance()
    names = {people.person(draw, language).full[0] for _ in range(100)}
    assert len(names) > 45


def test_russian_names_are_declined_as_the_language_does() -> None:
    draw, found = chance(), {}
    for _ in range(3000):
        who = people.person(draw, "ru")
        found[who.short[0]] = who.short
        found[who.full[0]] = who.full
    for forms in (
        ("Пётр Кузнецов", "Петра Кузнецова", "Петру Кузнецову", "Петром Кузнецовым"),
        ("Мария Лебедева", "Марии Лебедевой", "Марии Лебедевой", "Марией Лебедевой"),
        ("Ольга Гусева", "Ольги Гусевой", "Ольге Гусевой", "Ольгой Гусевой"),
        ("Андрей Фомин", "Андрея Фомина", "Андрею Фомину", "Андреем Фоминым"),
        ("Дарья Козлова", "Дарьи Козловой", "Дарье Козловой", "Дарьей Козловой"),
    ):
        assert found[forms[0]] == forms
    assert not [name for name in found if re.search(r"еев?ов|ееов|йов", name)]
    assert [name for name in found if "Сергеевич" in name or "Сергеевна" in name]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_letters_of_a_mailing_are_near_duplicates_and_mailings_are_not(topic: Topic) -> None:
    draw = chance(2)
    plain = [
        [
            shingles(words(anonymise(one.text).text))
            for one in (letter(draw, topic, number) for _ in range(8))
            if not re.search(HOSTILE_MARKS, one.text)
        ][:3]
        for number in range(4)
    ]
    for of_one in plain:
        assert all(jaccard(one, other) >= THRESHOLD for one, other in combinations(of_one, 2))
    for these, those in combinations(plain, 2):
        assert all(jaccard(one, other) < THRESHOLD for one in these for other in those)


def test_a_topic_gets_new_mailings_for_ever_and_some_old_ones_stay() -> None:
    draw, topic = chance(), TOPICS[0]
    early = {mailing(draw, topic, 0) for _ in range(300)}
    later = {mailing(draw, topic, 10 * NEW_MAILING_DAYS) for _ in range(300)}
    assert max(later) == max(early) + 10
    assert early & later
    assert early - later


def test_some_letters_hold_what_no_page_may_take_for_anything_but_text() -> None:
    draw = chance()
    texts = [letter(draw, TOPICS[0], 0).text for _ in range(600)]
    share = sum(bool(re.search(HOSTILE_MARKS, text)) for text in texts) / len(texts)
    assert 0.02 < share < 0.07
    for mark in ("<script>", "onerror", "=HYPERLINK", "/C calc", "javascript:", "\u202e"):
        assert any(mark in text for text in texts), mark


def test_no_two_topics_share_a_sender_and_the_learnt_ones_get_rarer_under_bert_4() -> None:
    assert len({topic.sender_domain for topic in TOPICS}) == len(TOPICS)
    for topic in TOPICS:
        before, after = topic.weight
        assert (after / before < 0.4) == (topic.name in LEARNT)
