"""What letters are compared by: not names, numbers, quotes, footers or the way they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text.footers import cut_footer
from core.text.normalise import NUMBER, normalise, words
from core.text.quotes import body

SAID = (
    "Ваш заказ собран и ждёт вас в пункте выдачи. Возьмите с собой паспорт, срок хранения неделя."
)
SAID_ENGLISH = (
    "Your parcel has arrived and waits for you at the desk. Please bring some papers along."
)
FOOTERS = (
    "\n\nС уважением,\nкоманда магазина",
    "\n\nС уважением, Мария Ивановна\nдиректор\nтел. [PHONE_1]",
    "\n\n-- \nАнна\nотдел продаж",
    "\n\nKind regards,\nThe Example Team",
    "\n\nBest,\nTom",
    "\nSincerely yours,\n[PERSON_1]",
    "\n\nЭто письмо отправлено автоматически, отвечать на него не нужно.",
    "\n\nПожалуйста, не отвечайте на это письмо.",
    "\n\nВы получили это письмо, потому что подписаны на рассылку. Отписаться: [URL_1]",
    "\n\nЧтобы отказаться от рассылки, перейдите по ссылке https://shop.example/u?id=5",
    "\n\nУправление подпиской | Политика конфиденциальности",
    "\n\nYou receive this because you signed up at [URL_1]. Unsubscribe: [URL_2].",
    "\n\nThis message was sent automatically, please do not reply.",
    (
        "\n\nThis e-mail is confidential and intended solely for the addressee. If you are not the "
        "intended recipient, please delete it."
    ),
    (
        "\n\nНастоящее сообщение содержит конфиденциальную информацию. Если вы не являетесь его "
        "адресатом, удалите его."
    ),
    "\n_______________\nООО «Пример», ИНН 7701234560, 125009, Москва\nвсе права защищены",
    "\n\n© 2026 Example Inc. All rights reserved.\nPrivacy policy | Terms of service",
    "\n\nМы в соцсетях: ВКонтакте | Telegram\nСкачайте наше приложение",
    "\n\nFollow us: Facebook | Instagram\n1 High Street, London",
    "\n\nОтправлено с iPhone",
    "\n\nSent from my Galaxy",
    "\n[EMAIL_1]\n[PHONE_1]\nwww.shop.example",
    " Это письмо отправлено автоматически. Отвечать на него не нужно.",
)


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_letter_is_the_same_with_a_footer_and_without(footer: str):
    assert words(SAID + footer) == words(SAID)
    assert words(SAID_ENGLISH + footer) == words(SAID_ENGLISH)


@pytest.mark.parametrize("footer", FOOTERS)
def test_different_letters_stay_different_under_one_footer(footer: str):
    one, other = words("Счёт оплачен." + footer), words("Скидка на пледы." + footer)
    assert not set(one) & set(other)


def test_several_footers_go_together():
    assert words(SAID + "".join(FOOTERS[:-1])) == words(SAID)


def test_what_precedes_a_letter_goes_too():
    before = "Если письмо отображается некорректно, откройте его в браузере.\n\n"
    assert words(before + SAID) == words(SAID)
    assert words("View this email in your browser\n" + SAID_ENGLISH) == words(SAID_ENGLISH)


@pytest.mark.parametrize(
    "letter",
    [
        "Отписаться от рассылки. Это письмо отправлено автоматически.",
        "Kind regards,\nThe Example Team",
        "[EMAIL_1]",
        "С уважением",
    ],
)
def test_a_letter_that_is_all_footer_is_kept(letter: str):
    assert cut_footer(letter) == letter


def test_a_letter_that_speaks_of_subscriptions_keeps_its_end():
    letter = (
        "Чтобы отписаться от уведомлений, откройте раздел оплаты. Там же видны счета за год, "
        "история платежей и адрес доставки покупок. Выберите нужный счёт и нажмите на кнопку."
    )
    assert "нажмите на кнопку" in cut_footer(letter)


def test_a_line_below_the_title_does_not_cut_the_letter():
    assert "паспорт" in cut_footer("НОВОСТИ\n________\n" + SAID)


def test_a_long_postscript_is_no_signature():
    postscript = " ".join(f"слово{chr(1072 + at)}" for at in range(30)) * 2
    assert postscript in cut_footer(SAID + "\n\nС уважением,\nАнна\n\nP. S. " + postscript)


QUOTED = "\n".join(f"> {line}" for line in SAID.split(". "))


@pytest.mark.parametrize(
    "letter",
    [
        "> " + SAID,
        "> > " + SAID,
        "&gt; " + SAID,
        QUOTED,
        "Fwd: " + SAID,
        "RE: Fwd: Re[2]: " + SAID,
        "Тема: Re: " + SAID,
        "---------- Forwarded message ---------\nFrom: Shop <a@shop.example>\nDate: 2 Jun 2026\n"
        "Subject: Hi\nTo: me\n\n" + SAID,
        '-------- Пересылаемое сообщение --------\n05.06.2026, 10:00, "Магазин" '
        "<a@shop.example>:\n\n" + SAID + "\n-------- Конец пересылаемого сообщения --------",
        "-----Original Message-----\nFrom: Shop\nSent: Monday\nTo: me\nSubject: Hi\n\n" + SAID,
        "От: Магазин\nОтправлено: 5 июня 2026 г. 9:15\nКому: я\nТема: Заказ\n\n" + SAID,
        "Begin forwarded message:\n\n" + SAID,
        "Глянь\n\nНачало пересылаемого сообщения:\n\nОт: a\nДата: 5 июня\n\n" + SAID,
        "Спасибо!\n\nOn Tue, 2 Jun 2026 at 10:04, Shop <a@shop.example> wrote:\n> " + SAID,
        "Спасибо!\n\nOn Tue, 2 Jun 2026 at 10:04, A Shop With A Name\n<a@shop.example> wrote:\n"
        "> " + SAID,
        "Ок\n\n5 июня 2026 г., 10:04, Магазин <[EMAIL_1]> писал(а):\n> " + SAID,
        "Ок\n\nпонедельник, 6 апреля 2026 г., 11:20 +03:00 от [PERSON_1] <[EMAIL_1]>:\n>" + SAID,
        "Глянь -----Original Message----- " + SAID,
        "Fwd:\n> -----Original Message-----\n> From: a\n> Sent: b\n>\n> > " + SAID,
    ],
)
def test_a_forward_or_a_short_answer_is_compared_by_what_it_quotes(letter: str):
    assert words(letter) == words(SAID)


def test_a_letter_with_words_of_its_own_is_compared_by_these():
    answer = SAID + " Пункт выдачи открыт ежедневно, вход со двора, парковка рядом с магазином."
    quote = (
        "\n\nOn 2 Jun 2026 Ivan <a@b.example> wrote:\n> " + "Где мой заказ и когда он будет " * 9
    )
    assert words(answer + quote) == words(answer)


def test_answers_between_the_lines_are_told_from_the_quoted_ones():
    assert body("> Придёте?\nДа, придём\n> Когда?\nВ семь часов вечера") == (
        "Да, придём\nВ семь часов вечера"
    )


def test_a_line_that_only_looks_like_an_introduction_is_read_on():
    assert "любил" in body("Пушкин писал:\nЯ вас любил, любовь ещё, быть может")
    assert "явка" in body("Тема: собрание\nКому: всем\nявка обязательна")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("К оплате 1 200,50 ₽ до 5 мая", "К оплате 300 руб. до 16.06.2026"),
        ("Total: $1,200.50 by May 5, 2026", "Total: EUR 3 by 16 June 2026"),
        ("Заказ № 5512-77 собран", "Заказ №AB/90 собран"),
        ("Встреча в четверг, 14 мая, в 18:30", "Встреча в вторник 3 сентября в 9:00"),
        ("Уважаемый [PERSON_1] [PERSON_2]!", "Уважаемая [PERSON_9],"),
        ("Dear Mr [PERSON_1]", "Dear [PERSON_2]"),
        ("Счёт [ACCOUNT_1]", "Счёт 40817"),
        ("Откройте https://a.example/x?y=1", "Откройте [URL_4]"),
        ("Пишите a.b+c@mail.example", "Пишите [EMAIL_2]"),
        ("Ёлка готова", "ЕЛКА ГОТОВА"),
        ("Cкидка нa товapы", "Скидка на товары"),
        ("Зна\u00adком\u200bы ли мы", "Знакомы ли мы"),
        ("Ｓａｌｅ today", "sale today"),
        ("Привет!!! Как дела?", "привет как   дела"),
        ("Она оформила заказ", "Она оформили заказ"),
    ],
)  # fmt: skip
def test_what_varies_between_letters_of_one_mailing_is_the_same(one: str, other: str):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("заказ передан", "заказ отменён"),
        ("Ваш код: 12", "Ваш пароль: 12"),
        ("you may go", "you go"),
        ("[PERSON_1] пишет", "[ADDRESS_1] пишет"),
    ],
)
def test_what_letters_say_is_not(one: str, other: str):
    assert normalise(one) != normalise(other)


def test_numbers_in_a_row_are_one_and_texts_without_words_are_empty():
    assert words("1 000 000, 5 мая 2026 г. 18:30") == (NUMBER,)
    assert words("") == words("!!! 🎉\n…") == ()


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_has_words(said: str):
    found = words(said)
    assert normalise(said) == " ".join(found)
    assert all(word and not word.isspace() for word in found)


@pytest.mark.parametrize(
    "unit", ["a", "a-", "1 ", "> ", "-", " ", "\n", "From:\n", "a@", "a.a", "www.", "[PERSON_1] ",
             "он писал:\n", "Отписаться ", "_\n", "On 1\n"],
)  # fmt: skip
def test_a_long_text_takes_time_in_proportion(unit: str):
    """A quadratic rule would not come to its end here."""
    words(unit * (200_000 // len(unit)))
