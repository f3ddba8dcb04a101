"""Letters by the group that they belong to: the half that the rules were tuned on.

Everybody and everything in them is invented. The other half is `near_duplicates_fresh`.
"""

_BANK_FOOTER = """

С уважением,
АО «Пример Банк»
Лицензия ЦБ № 1234. Это письмо отправлено автоматически, отвечать на него не нужно.
Вы получили это письмо, потому что являетесь клиентом банка. Отписаться: https://bank.example/u/77
© Пример Банк, 2026. Все права защищены."""

LETTERS: tuple[tuple[str, str], ...] = (
    (
        "выписка",
        "Уважаемый Сергей Викторович! Выписка по вашему счёту за 5 мая 2026 года готова. Остаток на "
        "конец дня: 12 400,50 ₽. Подробности смотрите в приложении. Если вы не совершали операцию "
        "№ 4417, сразу позвоните нам." + _BANK_FOOTER,
    ),
    (
        "выписка",
        "Уважаемая Анна Петровна! Выписка по вашему счету за 17.06.2026 готова. Остаток на конец "
        "дня: 980 руб. Подробности смотрите в приложении. Если вы не совершали операцию №88, сразу "
        "позвоните нам.",
    ),
    (
        "выписка",
        "---------- Forwarded message ---------\nОт: Пример Банк <info@bank.example>\nДата: пт, 3 "
        "июл. 2026 г. в 09:12\nSubject: Выписка готова\nTo: <oleg@mail.example>\n\nУважаемый Олег "
        "Игоревич! Выписка по вашему счёту за 2 июля 2026 г. готова. Остаток на конец дня: 1 000 000 "
        "₽. Подробности смотрите в приложении. Если вы не совершали операцию № 4, сразу позвоните "
        "нам." + _BANK_FOOTER,
    ),
    (
        "карта",
        "Уважаемый Сергей Викторович! Ваша новая карта выпущена и ждёт вас в отделении на улице "
        "Садовой. Возьмите с собой паспорт. Карта хранится 30 дней, потом её уничтожат."
        + _BANK_FOOTER,
    ),
    (
        "карта",
        "Уважаемая Ольга! Ваша новая карта выпущена и ждёт вас в отделении на улице Мира. Возьмите "
        "с собой паспорт. Карта хранится 60 дней, потом её уничтожат." + _BANK_FOOTER,
    ),
    (
        "вклад",
        "Уважаемый Денис! По вкладу «Весенний» изменилась ставка: теперь 14,5 % годовых. Пополнить "
        "его можно до 30 сентября в приложении или в офисе." + _BANK_FOOTER,
    ),
    (
        "вклад",
        "> Уважаемая Марина Юрьевна! По вкладу «Весенний» изменилась ставка: теперь 9 % годовых.\n"
        "> Пополнить его можно до 1 октября в приложении или в офисе.\n>\n> С уважением,\n> АО "
        "«Пример Банк»",
    ),
    (
        "доставка",
        "Ирина, ваш заказ № 5512-77 передан в доставку. Курьер Павел привезёт его 12 марта с 10:00 "
        "до 14:00. К оплате 3 450 ₽. Адрес доставки: Москва, ул. Лесная, д. 5, кв. 12. Изменить "
        "время можно в личном кабинете.\n\n--\nМагазин «Пример»\nтел. 8 800 555-00-11",
    ),
    (
        "доставка",
        "Алексей, ваш заказ № AB-90001 передан в доставку. Курьер Тимур привезёт его 1 апреля с "
        "18:00 до 21:00. К оплате 120 ₽. Адрес доставки: Казань, ул. Баумана, 14. Изменить время "
        "можно в личном кабинете.\n\nВы получили это письмо, потому что оформили заказ. Отписаться",
    ),
    (
        "доставка",
        "Спасибо, буду дома!\n\nпонедельник, 6 апреля 2026 г., 11:20 +03:00 от Магазин Пример "
        "<shop@shop.example>:\n>Наталья, ваш заказ № 31 передан в доставку. Курьер Олег привезёт "
        "его 7 апреля с 9:00 до 12:00. К оплате 0 ₽. Адрес доставки: Тверь, пр. Победы, 3. "
        "Изменить время можно в личном кабинете.",
    ),
    (
        "отмена",
        "Ирина, ваш заказ № 5512-77 отменён: товара не оказалось на складе. Деньги вернутся на карту "
        "в течение 10 дней. Нам очень жаль.\n\n--\nМагазин «Пример»\nтел. 8 800 555-00-11",
    ),
    (
        "отмена",
        "Вячеслав, ваш заказ № 8 отменён: товара не оказалось на складе. Деньги вернутся на карту в "
        "течение 3 дней. Нам очень жаль.",
    ),
    (
        "booking",
        "Dear Mr Brown, your booking KX-88213 is confirmed for 12 June 2026. Amount charged: EUR "
        "340.00. Check-in opens 24 hours before departure. Your boarding pass is attached.\n\nKind "
        "regards,\nExample Air\n\nThis e-mail was sent from an unmonitored address. Please do not "
        "reply.",
    ),
    (
        "booking",
        "Dear Ms Olivia Clarke, your booking 7731 is confirmed for June 3rd. Amount charged: $98. "
        "Check-in opens 36 hours before departure. Your boarding pass is attached.",
    ),
    (
        "booking",
        "Thanks, got it.\n\nOn Tue, 2 Jun 2026 at 10:04, Example Air <noreply@air.example>\nwrote:\n"
        "> Dear Tom, your booking QQ1 is confirmed for 5 June. Amount charged: GBP 12.\n> Check-in "
        "opens 24 hours before departure. Your boarding pass is attached.\n>\n> Kind regards,\n> "
        "Example Air",
    ),
    (
        "delay",
        "Dear Mr Brown, we are sorry: flight EX 204 is delayed by about 90 minutes because of the "
        "weather. Gates close twenty minutes before the new departure.\n\nKind regards,\nExample "
        "Air\n\nThis e-mail was sent from an unmonitored address. Please do not reply.",
    ),
    (
        "delay",
        "Fwd: Your flight\n\nDear Emily, we are sorry: flight EX 19 is delayed by about 3 hours "
        "because of the weather. Gates close twenty minutes before the new departure.\n\nUnsubscribe "
        "| Privacy policy | Example Air Ltd, 1 High Street, London",
    ),
    ("код", "Ваш код: 483912"),
    ("код", "Ваш код: 11-02"),
    ("пароль", "Ваш пароль: 483912"),
    ("спасибо", "Спасибо!"),
    ("спасибо", "спасибо"),
)
