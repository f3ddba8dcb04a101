"""The anonymiser on labelled letters, on any input, and twice."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text.anonymise import ANONYMISER, Anonymised, anonymise
from core.text.anonymiser import checks
from core.text.anonymiser.context import digits_of
from core.text.anonymiser.reading import KINDS, Reading
from tests.core.text.labelled import HARMLESS, Measured, letter, letters, measure

SETS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
ALL = [one for name in SETS for one in letters(name)]
STRUCTURED = ("EMAIL", "PHONE", "CARD", "INN", "SNILS", "PASSPORT", "IBAN")


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(ALL)


def test_there_is_enough_to_measure(measured: Measured):
    assert len(ALL) >= 60
    assert sum(measured.details.values()) >= 150
    assert measured.numbers >= 120
    assert set(measured.details) <= set(KINDS)


def test_the_labelled_numbers_have_valid_check_digits():
    valid = {
        "INN": checks.inn,
        "SNILS": checks.snils,
        "OGRN": checks.ogrn,
        "OMS": checks.luhn,
        "CARD": checks.luhn,
    }
    wrong = []
    for one in map(letter, ALL):
        for mark in one.marks:
            piece = one.text[mark.start : mark.end]
            if mark.kind in valid and "*" not in piece and not valid[mark.kind](digits_of(piece)):
                wrong.append(piece)
            if mark.kind == "IBAN" and not checks.iban(piece.replace(" ", "")):
                wrong.append(piece)

    assert wrong == []


def test_of_all_details_at_least_93_percent_are_found(measured: Measured):
    assert measured.recall() >= 0.93, measured.missed


@pytest.mark.parametrize("name", SETS)
def test_no_set_of_letters_is_much_worse(name: str):
    found = measure(letters(name))

    assert found.recall() >= 0.93, found.missed


def test_of_details_with_a_form_at_least_98_percent_are_found(measured: Measured):
    assert measured.recall(*STRUCTURED) >= 0.98, measured.missed


def test_at_most_3_percent_of_harmless_numbers_are_masked(measured: Measured):
    assert len(measured.masked_numbers) <= 0.03 * measured.numbers, measured.masked_numbers


def test_at_most_2_percent_of_harmless_words_are_taken_for_people(measured: Measured):
    assert len(measured.masked_words) <= 0.02 * measured.words, measured.masked_words


def test_a_detail_has_the_kind_that_it_was_labelled_with():
    wrong = []
    details = 0
    for one in map(letter, ALL):
        spans = anonymise(one.text).spans
        for mark in one.marks:
            touching = {s.kind for s in spans if s.start < mark.end and mark.start < s.end}
            if mark.kind != HARMLESS and touching:
                details += 1
                if touching != {mark.kind}:
                    wrong.append((one.text[mark.start : mark.end], mark.kind, touching))

    assert len(wrong) <= 0.02 * details, wrong


def assert_consistent(text: str, done: Anonymised) -> None:
    assert done.anonymiser == ANONYMISER
    pieces, at = [], 0
    for span in done.spans:
        assert at <= span.start < span.end <= len(text)
        pieces += [text[at : span.start], span.placeholder]
        at = span.end
    assert "".join([*pieces, text[at:]]) == done.text
    assert sum(done.counts.values()) == len(done.spans)


@pytest.mark.parametrize("marked", ALL)
def test_a_letter_is_anonymised_once_and_for_all(marked: str):
    text = letter(marked).text
    once = anonymise(text)

    assert_consistent(text, once)
    assert anonymise(once.text).spans == ()


#: Pieces of letters in an order that nobody would write them in.
PIECES = st.sampled_from(
    [
        *("Иван", "Петрова", "Роман", "И.", "Сергеевич", "Anna", "Smith", "Will", "Dear ", "от "),
        *("+7 916 123-45-67", "8", "916", "4276212997220033", "ИНН ", "779849966429", "паспорт "),
        *(
            "45 06 123456",
            "a@b.ru",
            "@",
            "https://t.me/x",
            "ул. ",
            "д. 5",
            "кв. 3",
            "г. Тула",
            "\n",
        ),
        *("андрей", " и ", "света", "Кузнецов", "Jack", " can ", "tell ", "kevin", "'s", ": "),
        *(
            "живу: Пермь, Ленина 5-12",
            "22 Kingsway",
            "Dublin 4, D04 X2Y8",
            "Мастер",
            "в ",
            "Борисов",
        ),
        *(" ", ", ", ".", "-", "№", "[PERSON_1]", "[PHONE_7]", "[", "_1]", "\u200b", "\ue000"),
        *("192.168.1.1", "А123ВС77", "IBAN ", "DE44500105175407324931", "12.03.1985", " г.р.", "é"),
        *(
            "İ",
            "ﬁ",
            "\ud800",
            "👩‍👩‍👧",
            "\u202e",
            "Baker Street",
            "221B ",
            "логин: ",
            "x_1",
            "e\u0301",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_pieces_in_any_order_are_anonymised_once_and_for_all(text: str):
    once = anonymise(text)

    assert_consistent(text, once)
    assert anonymise(once.text).text == once.text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_anonymised_once_and_for_all(text: str):
    once = anonymise(text)

    assert_consistent(text, once)
    assert anonymise(once.text).text == once.text


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("a１№\u200b\ue000é\u0301İﬁ—% 40[PERSON_1]"), max_size=20),
    st.data(),
)
def test_every_range_that_rules_read_is_a_range_of_the_original(text: str, data: st.DataObject):
    read = Reading(text)
    start = data.draw(st.integers(0, len(read.text)))
    end = data.draw(st.integers(start, len(read.text)))

    assert len(read.low) == len(read.text)
    first, last = read.original(start, end)
    assert 0 <= first <= len(text)
    assert 0 <= last <= len(text)
    if start < end:
        assert first < last


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "1",
            "1 ",
            "a@",
            "@",
            "www.",
            "http://a/",
            "(1",
            "1-",
            "д. 5, ",
            "ул. Ленина ",
            "::",
        ),
        *(
            "Ивана Петрова ",
            "A1 ",
            "\u0301",
            "паспорт ",
            "Dear ",
            "Aa Aa ",
            "А.А.",
            "*",
            "\ud800",
            "😀",
        ),
        *("[PERSON_1]", "а.б.", "0 (0) ", "ИвановИванов", "DE44 ", "меня зовут ", "10 Aa St, "),
    ],
)
def test_a_long_monotonous_text_is_no_trap(piece: str):
    # Quadratic rules would take minutes here, and the suite's time limit would stop them.
    text = piece * (60_000 // len(piece))

    assert_consistent(text, anonymise(text))


def test_a_megabyte_of_letters_comes_out():
    text = "\n\n".join(letter(one).text for one in ALL)
    text *= 1_000_000 // len(text) + 1

    done = anonymise(text)

    assert_consistent(text, done)
    assert len(done.spans) > 10_000


def test_importing_the_anonymiser_loads_no_dictionary():
    program = (
        "import sys; import core.text.anonymise;"
        "print([m for m in ('pymorphy3', 'phonenumbers', 'stdnum', 'core.text.anonymiser.words')"
        " if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
