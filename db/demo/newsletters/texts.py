"""Templates of reported letters, already anonymised, with the anonymiser's placeholders.

Every topic is a mailing that one wrong decision hits again and again, so reports of a topic are
near duplicates of each other: the same wording with other amounts, dates and footers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Letters that are decided wrongly for the same reason.

    Attributes:
        false_positive: true when such letters were moved to the folder though they are no
            newsletters.
        weight: reports a day under each version, bert-3 and bert-4.
        body: with {amount}, {day}, {number} and {item} to be filled in.
    """

    name: str
    language: str
    false_positive: bool
    sender_domain: str
    weight: tuple[float, float]
    body: str


TOPICS = (
    Topic(
        "bank statement", "ru", True, "bank.example", (0.9, 0.15),
        "Уважаемый [PERSON_1]! Выписка по вашему счёту [ACCOUNT_1] за {day} готова. Остаток на "
        "конец дня: {amount} ₽. Подробности в приложении банка. Если вы не совершали операцию № "
        "{number}, позвоните по номеру [PHONE_1].",
    ),
    Topic(
        "delivery", "ru", True, "parcel.example", (0.7, 0.6),
        "[PERSON_1], ваш заказ № {number} передан в доставку. Курьер [PERSON_2] привезёт его "
        "{day}, к оплате {amount} ₽. Адрес доставки: [ADDRESS_1]. Изменить время можно в личном "
        "кабинете.",
    ),
    Topic(
        "school", "ru", True, "school.example", (0.5, 0.45),
        "Здравствуйте, [PERSON_1]. Напоминаем, что {day} в 18:30 в кабинете {number} состоится "
        "родительское собрание. На повестке: {item}. Просьба подтвердить участие ответным "
        "письмом. [PERSON_2]",
    ),
    Topic(
        "clinic", "ru", True, "clinic.example", (0.35, 0.3),
        "[PERSON_1], вы записаны на приём {day}. Врач: [PERSON_2], кабинет {number}. Стоимость "
        "{amount} ₽. Возьмите с собой полис [OMS_1] и паспорт. Отменить запись: [PHONE_1].",
    ),
    Topic(
        "ticket", "en", True, "airline.example", (0.5, 0.4),
        "Dear [PERSON_1], your booking {number} is confirmed for {day}. Amount charged to card "
        "[CARD_1]: {amount} EUR. Check-in opens 24 hours before departure. Your boarding pass "
        "is attached.",
    ),
    Topic(
        "invoice", "en", True, "hosting.example", (0.4, 0.1),
        "Hello [PERSON_1], invoice {number} of {day} for {amount} USD is due within 14 days. "
        "Please pay to [IBAN_1] and mention the invoice number. Contact us at [EMAIL_1] with "
        "any question about {item}.",
    ),
    Topic(
        "security notice", "en", True, "accounts.example", (0.25, 0.2),
        "New sign-in to your account on {day} from [IP_1]. If this was you, there is nothing to "
        "do. If not, change your password and quote case {number}. [PERSON_1], we never ask for "
        "your password.",
    ),
    Topic(
        "shop sale", "ru", False, "shop.example", (0.8, 0.7),
        "[PERSON_1], только до {day}: скидки до 70 % на {item}! Промокод {number} даёт ещё "
        "{amount} ₽ на первый заказ. Ждём вас в магазинах и на сайте. Доставка от 1 000 ₽ "
        "бесплатно.",
    ),
    Topic(
        "webinar", "ru", False, "courses.example", (0.6, 0.2),
        "Приглашаем вас, [PERSON_1], на бесплатный вебинар {day}: «{item}». Осталось {number} "
        "мест. После вебинара курс можно купить за {amount} ₽ вместо полной цены.",
    ),
    Topic(
        "digest as a personal letter", "ru", False, "friends.example", (0.5, 0.55),
        "Привет, [PERSON_1]! Это снова [PERSON_2]. Собрал для тебя новости недели на {day}: "
        "{item} и ещё {number} историй. Почитай, когда будет минутка, и перешли друзьям.",
    ),
    Topic(
        "weekly digest", "en", False, "digest.example", (0.5, 0.5),
        "Hi [PERSON_1], here is your week of {day}: {number} new posts about {item}. The most "
        "read one earned its author {amount} USD. Read on, or forward this to a friend.",
    ),
    Topic(
        "survey", "en", False, "research.example", (0.3, 0.08),
        "Dear [PERSON_1], you are one of {number} customers we chose to ask about {item}. Five "
        "minutes of your time until {day} win a voucher of {amount} EUR. Your answers stay "
        "anonymous.",
    ),
)  # fmt: skip

ITEMS = {
    "ru": ("зимнюю обувь", "товары для дома", "итоги четверти", "книги о данных", "поездка класса"),
    "en": ("your plan", "home office", "machine learning", "travel", "our support"),
}
#: Footers differ between letters of one topic and say nothing about it.
FOOTERS = {
    "ru": (
        "",
        "\n\nЭто письмо отправлено автоматически, отвечать на него не нужно.",
        "\n\nВы получили это письмо, потому что зарегистрированы на [URL_1]. Отписаться: [URL_2].",
        "\n\nС уважением, команда поддержки. [EMAIL_1]",
    ),
    "en": (
        "",
        "\n\nThis message was sent automatically, please do not reply.",
        "\n\nYou receive this because you signed up at [URL_1]. Unsubscribe: [URL_2].",
        "\n\nKind regards, the customer care team, [EMAIL_1]",
    ),
}
