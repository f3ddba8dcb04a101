"""Letters by the group that they belong to: the half that was written after the rules.

Everybody and everything in them is invented. The other half is `near_duplicates_tuned`.
"""

_LEGAL = """

This e-mail and any attachments are confidential and intended solely for the addressee. If you have
received it in error, please notify the sender and delete it. Any use, copying or disclosure by
anybody else is prohibited. Example Holdings plc accepts no liability for damage caused by viruses.
Registered in England, company number 0123456. Registered office: 1 Example Street, London."""
_SHOP_FOOTER = """
______________________
Мы в соцсетях: ВКонтакте | Telegram
Скачайте наше приложение и получайте бонусы за покупки
Наши магазины работают ежедневно с 10 до 22
ООО «Уютный дом», 125009, Москва, ул. Примерная, д. 1, ИНН 7701234560
Вы подписаны на рассылку с адреса ivan@mail.example. Настроить рассылку · Отписаться"""

LETTERS: tuple[tuple[str, str], ...] = (
    (
        "собрание",
        "Уважаемые родители!\n\nНапоминаю, что в четверг, 14 мая, в 18:30 в кабинете 214 состоится "
        "родительское собрание. На повестке: итоги четверти и поездка класса в музей. Просьба "
        "подтвердить участие ответным письмом.\n\nС уважением,\nклассный руководитель 5«Б»\nМария "
        "Ивановна Соколова",
    ),
    (
        "собрание",
        "УВАЖАЕМЫЕ РОДИТЕЛИ! НАПОМИНАЮ, ЧТО ВО ВТОРНИК, 3 СЕНТЯБРЯ, В 19:00 В КАБИНЕТЕ 7 СОСТОИТСЯ "
        "РОДИТЕЛЬСКОЕ СОБРАНИЕ. НА ПОВЕСТКЕ: ИТОГИ ЧЕТВЕРТИ И ПОЕЗДКА КЛАССА В МУЗЕЙ. ПРОСЬБА "
        "ПОДТВЕРДИТЬ УЧАСТИЕ ОТВЕТНЫМ ПИСЬМОМ.",
    ),
    (
        "собрание",
        "Добрый день! Мы с мужем придём.\n\nОт: Соколова Мария <sokolova@school.example>\n"
        "Отправлено: 12 мая 2026 г. 9:15\nКому: 5Б\nТема: Собрание\n\nУважаемые родители!\n\n"
        "Напоминаю, что в пятницу, 15 мая, в 18:00 в кабинете 214 состоится родительское собрание. "
        "На повестке: итоги четверти и поездка класса в театр. Просьба подтвердить участие ответным "
        "письмом.",
    ),
    (
        "экскурсия",
        "Уважаемые родители!\n\nВ субботу, 16 мая, класс едет на экскурсию в усадьбу. Сбор у школы в "
        "8:45, возвращение к пяти часам. Стоимость 1 200 рублей, еду дети берут с собой.\n\nС "
        "уважением,\nклассный руководитель 5«Б»\nМария Ивановна Соколова",
    ),
    (
        "экскурсия",
        '-------- Пересылаемое сообщение --------\n02.10.2026, 08:10, "Соколова М. И." '
        "<sokolova@school.example>:\n\nУважаемые родители! В воскресенье, 11 октября, класс едет на "
        "экскурсию в усадьбу. Сбор у школы в 9:00, возвращение к шести часам. Стоимость 950 руб., "
        "еду дети берут с собой.\n\n-------- Конец пересылаемого сообщения --------",
    ),
    (
        "clinic",
        "Hello Mrs Patel,\nThis is a reminder of your appointment with Dr Wong on Monday 8 June at "
        "10:20. Please arrive ten minutes early and bring your insurance card. To cancel, call us at "
        "least 24 hours before.\n\nSincerely,\nExample Clinic" + _LEGAL,
    ),
    (
        "clinic",
        "Hello James,\nThis is a reminder of your appointment with Dr Adeyemi on Friday 2 October at "
        "4 pm. Please arrive ten minutes early and bring your insurance card. To cancel, call us at "
        "least 48 hours before.",
    ),
    (
        "clinic",
        "-----Original Message-----\nFrom: Example Clinic [mailto:desk@clinic.example]\nSent: "
        "Thursday, June 4, 2026 8:00 AM\nTo: Laura Schmidt\nSubject: Reminder\n\nHello Laura,\nThis "
        "is a reminder of your appointment with Dr Wong on Tuesday 9 June at 09:00. Please arrive "
        "ten minutes early and bring your insurance card. To cancel, call us at least 24 hours "
        "before." + _LEGAL,
    ),
    (
        "results",
        "Hello Mrs Patel,\nthe results of your blood test have arrived. Dr Wong would like to discuss "
        "them with you in person; please book a visit this week.\n\nSincerely,\nExample Clinic"
        + _LEGAL,
    ),
    (
        "results",
        "Hello Kofi,\nthe results of your blood test have arrived. Dr Adeyemi would like to discuss "
        "them with you in person; please book a visit this week." + _LEGAL,
    ),
    (
        "interview",
        "Hi Chen,\nthank you for applying. We would like to invite you to a video interview for the "
        "position of data engineer. Which of next week's afternoons suits you?\n\nBest,\nNadia"
        + _LEGAL,
    ),
    (
        "скидки",
        "Если письмо отображается некорректно, откройте его в браузере\n\nТолько до 31 мая: скидки до "
        "70 % на товары для дома! Промокод DOM-500 даёт ещё 500 ₽ на первый заказ. Подушки, пледы и "
        "посуда ждут вас в магазинах и на сайте." + _SHOP_FOOTER,
    ),
    (
        "скидки",
        "Toлько дo 7 июня: cкидки дo 50 % нa тoвapы для дoмa! Пpoмoкoд LETO даёт ещё 300 рублей на "
        "первый заказ. Подушки, пледы и посуда ждут вас в магазинах и на сайте.",
    ),
    (
        "скидки",
        "Fwd: Скидки\n\n> > Только до 1 августа: скидки до 30 % на товары для дома! Промокод A7 даёт "
        "ещё 1 000 ₽ на первый заказ.\n> > Подушки, пледы и посуда ждут вас в магазинах и на сайте."
        + _SHOP_FOOTER.replace("\n", "\n> > "),
    ),
    (
        "отзыв",
        "Марина, как вам покупка? Расскажите о кресле «Лофт»: отзыв займёт две минуты, а мы начислим "
        "150 бонусов. Фотографии приветствуются." + _SHOP_FOOTER,
    ),
    (
        "отзыв",
        "Роман, как вам покупка? Расскажите о столе «Норд»: отзыв займёт две минуты, а мы начислим "
        "300 бонусов. Фотографии приветствуются." + _SHOP_FOOTER,
    ),
    (
        "корзина",
        "Елена, вы забыли товары в корзине. Мы придержим их до завтра, а потом они вернутся на "
        "полку." + _SHOP_FOOTER,
    ),
    (
        "invoice due",
        "Hello Anna Smith, invoice INV-2231 of 1 May 2026 for USD 49.00 is due within 14 days. Please "
        "pay to DE89 3704 0044 0532 0130 00 and mention the invoice number. The invoice is attached "
        "as a PDF.\n\nRegards,\nBilling",
    ),
    (
        "invoice due",
        "Hello Ivan Petrov, invoice INV-9 of 30 June 2026 for USD 1,250.75 is due within 30 days. "
        "Please pay to GB29NWBK60161331926819 and mention the invoice number. The invoice is attached "
        "as a PDF.\n\n-- \nExample Hosting Ltd | www.hosting.example | +1 212 555 0142",
    ),
    (
        "invoice overdue",
        "Hello Anna Smith, invoice INV-2231 of 1 May 2026 for USD 49.00 is overdue. Your servers will "
        "be switched off on 1 June unless we receive the payment. Write to us at once if it was made."
        "\n\nRegards,\nBilling",
    ),
    (
        "invoice overdue",
        "Hello Maria, invoice INV-17 of 3 April 2026 for EUR 8.00 is overdue. Your servers will be "
        "switched off on 4 May unless we receive the payment. Write to us at once if it was made."
        "\n\nRegards,\nBilling",
    ),
    (
        "обращение",
        "Здравствуйте, Виктор! Ваше обращение № 55120 зарегистрировано. Специалист ответит в течение "
        "3 рабочих дней, а срочные вопросы можно задать в чате на сайте в любое время суток.\n\n"
        "5 июня 2026 г., 12:01, Виктор Лебедев <v.lebedev@mail.example> писал(а):\n> Добрый день, у "
        "меня не открывается личный кабинет, пишет ошибку, помогите, пожалуйста.",
    ),
    (
        "обращение",
        "Здравствуйте, Алла! Ваше обращение № 60001 зарегистрировано. Специалист ответит в течение 5 "
        "рабочих дней, а срочные вопросы можно задать в чате на сайте в любое время суток.\n\n"
        "1 июля 2026 г., 8:40, Алла Громова <gromova@mail.example> писал(а):\n> Когда привезут мой "
        "диван? Обещали ещё неделю назад, я звонила три раза и никто не отвечает.",
    ),
    ("да", "Да"),
    ("да", "да."),
    ("нет", "Нет"),
    ("знаки", "!!! 🎉🎉"),
    ("знаки", "…"),
    (
        "digest",
        "Hi Tom, here is your week of 1 June: 14 new posts about machine learning. The most read one "
        "is by Clara and has 230 comments. Read on, or forward this to a friend.\n\nYou receive this "
        "because you signed up at https://digest.example/a?id=5. Unsubscribe: "
        "https://digest.example/u/5.",
    ),
    (
        "digest",
        "Hi Sofia, here is your week of 8 June: 9 new posts about travel. The most read one is by Ben "
        "and has 11 comments. Read on, or forward this to a friend.\n\nThis message was sent "
        "automatically, please do not reply.",
    ),
)
