"""What is masked as what, in the writings in which it comes, and what is left alone."""

import pytest

from core.text.anonymise import anonymise

MASKED = {
    "EMAIL": [
        *("ivan.petrov@mail.ru", "ivan.petrov (at) mail.ru", "ivan[at]mail.ru", "ivan%40mail.ru"),
        *("ivan собака mail точка ru", "почта@яндекс.рф", "ivan (dot) petrov (at) mail (dot) ru"),
        *("ivаn@mail.ru", "ivan@mail,ru", "ｉｖａｎ@mail.ru", "ivan\u200b@mail.ru"),
    ],
    "PHONE": [
        *("8(916)123-45-67", "+7 916 1234567", "8-916-123-45-67 доб. 12", "89161234567"),
        *("8 9 1 6 1 2 3 4 5 6 7", "+7 (495) 123-45-67", "(495) 123-45-67", "8‑916‑123‑45‑67"),
        *("+44 20 7946 0958", "+1 (212) 555-0187 x45", "00372 5551 2345", "+44 (0)7700 900456"),
        *("07700 900461", "01632 960147"),
        *("+７ ９１６ １２３ ４５ ６７", "1-800-555-0199", "8.916.222.33.44", "8·916·222·33·44"),
    ],
    "CARD": [
        *("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "4276****1234"),
        *("2202 20** **** 1234", "379986498403297"),
    ],
    "SNILS": ["112-233-445 95", "112 233 445 95", "112-233-44595"],
    # The account's own check digits of the Spanish and the Belgian one are wrong.
    "IBAN": [
        *("DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "CH87 3708 2219 7881 0126 8"),
        *("ES08 0362 7464 9166 5934 6719", "BE52 9463 6348 3132"),
    ],
    "ACCOUNT": ["40817810099910004312", "40817 810 0 9991 0004312"],
    "PASSPORT": ["45 06 123456", "4506 № 123456"],
    "PLATE": ["А123ВС777", "A123BC 77", "о777оо99"],
    "IP": ["192.168.1.10", "2001:db8::1"],
    "URL": [
        *("https://shop.ru/u?email=a@b.ru&id=12", "t.me/ivan_petrov", "https://vk.com/id12345"),
        "https://a.example/reset/9f8b7c6d5e4f3a2b1c0d",
    ],
    "HANDLE": ["@ivan_petrov"],
    "ADDRESS": [
        *("г. Москва, ул. Ленина, д. 5, кв. 12", "125009, Москва, Тверская улица 7"),
        *("221B Baker Street, London NW1 6XE", "1600 Maple Avenue, Apt 4B, Portland, OR 97205"),
        *(
            "Московская обл., г. Химки, мкр. Новый, д. 3, корп. 2, кв. 44",
            "Lindenstraße 27, 50674 Köln",
        ),
        *("18 rue de la République, 69002 Lyon", "P.O. Box 881, Tulsa, OK 74101"),
        *("Am Stadtpark 3, 12167 Berlin", "23 Wilton Terrace, Dublin 2, D02 X3Y4"),
        "г. Королёв, пр-т Космонавтов, д. 4, корп. 2, пом. VII",
        *("22 Kingsway, Dublin 4, D04 X2Y8", "88 King Street West, Toronto, ON M5H 1A1"),
        *("17 Collins St, Melbourne VIC 3000", "ul. Marszałkowska 10/5, 00-001 Warszawa"),
        "Энгельсский район, пос. Приволжский, ул. Гагарина, 2а - 15",
    ],
    "PERSON": [
        *("Ивану Петровичу Сидорову", "ПЕТРОВА АННА", "Иванов И. И.", "И.И. Иванов", "Анны"),
        *("Римский-Корсаков Николай", "Мамедов Али оглы", "Джапаридзе", "Гаврилюка", "Шевченко"),
        *("Хмара Юлиан Всеволодович", "Мирзоев Фаррух", "Рзаев Вугар", "Пак Ен Сун", "Рената"),
        *("JOHN Q PUBLIC", "Sinéad Ní Bhriain", "Agnieszka Wojciechowska", "Дашин"),
        *("Петросян Ашот", "Хабибуллиной Айгуль", "Svetlana Kuznetsova", "Patrick O'Brien"),
        *(
            "Sean McDonald",
            "Jan van der Berg",
            "John F. Kennedy",
            "Anna-Maria Schulze",
            "Фёкла Ёлкина",
        ),
    ],
}
SAID = {
    "INN": ["ИНН 500100732259", "ИНН/КПП 7743254417/"],
    "OGRN": ["ОГРН 1187978177364", "ОГРНИП: 316847565257581"],
    "OMS": ["полис ОМС 7745425182952659"],
    "PASSPORT": [
        "паспорт: серия 45 09, номер 654321",
        "passport no. 533401372",
        "pasaporte PAC447218",
        "паспорт C1234567",
    ],
    "BIRTHDATE": ["дата рождения: 01.02.1980", "born on May 5, 1980", "1980 г.р.", "DOB: 5/5/1980"],
    "ACCOUNT": ["account number 62044718823", "лицевой счёт 6611223344"],
    "HANDLE": ["логин: roman_v_1990", "skype: lena.moroz", '"login":"lena.moroz"', "ping @y.demir"],
    "ID": ["SSN 412-65-9087", "National Insurance QQ 12 34 56 C", "NHS number 943 476 5919"],
    "ADDRESS": ["живём: Пермь, Ленина 5-12", "адрес: дом 7, квартира 45 по улице Гоголя"],
    "PHONE": ["тел. 55-01-22", "Тел. дом. 292-14-55", "позвони 9161234567", "tel 0161 496 0000"],
    "PERSON": [
        *("Dear John,", "Best, Tom", "Regards,\nXiomara", "Mr Brown", "my name is Kate", "от Веры"),
        *(
            "меня зовут оксана мельник",
            "Привет, Роман!",
            "Роман, здравствуйте!",
            "спроси у Надежды",
        ),
        *("марию ивановну попросите", "Will Smith said", "Уважаемый Джамшут!"),
        *(
            "Вере привет",
            "Света забрала ключи",
            "Priyanka is out",
            "see you at Grace's",
            "Bill owes me",
        ),
        *("договорились с Рудых А. П.", "Паспортист Дудка выдал справку", "клиент Воробей Кира"),
        *("работаю у фаридовой наили", "это катя из бухгалтерии", "Herr Schönfeld"),
        *("Катя завтра принесёт ключи", "Юле позвонить до обеда", "спасибо.\nВера", "Роман: иду"),
        *("Кузнецов перезвонит", "выступил Борисов", "мастер: Котов", "поручить Ершову"),
        *("а андрей скинул", "и маша в курсе", "tell kevin", "Jack can help", "Is Mark coming?"),
        *("Mark's phone is broken", "the Young family", "Garcia signed it", "Заявление Козловой"),
        *("Лада Иванова", "Smith said so", "Kind regards,\nJane Doe"),
    ],
}
HARMLESS = [
    *("8 900 000 рублей", "скидка 8 800 товаров", "номер заказа 89161234567", "заказ №1234567890"),
    *(
        "order 4111111111111111",
        "трек 80081234567890",
        "артикул 4601234567893",
        "+15 000 000 рублей",
    ),
    *("ISBN 978-5-699-12014-7", "версия 1.2.3.4", "v2.0.1.5", "12:30:45", "2024-01-15 10:30:00"),
    *(
        "12.03.2024-15.03.2024",
        "55.7558, 37.6173",
        "ГОСТ 12345-2014",
        "2 400 000 000",
        "карта *5521",
    ),
    *("https://example.com/about", "https://shop.ru/catalog/12345?page=2", "Встреча 01.02.2026"),
    *("https://a.ru/?utm_source=mail", "Нижний Новгород", "Ростов-на-Дону", "Сбербанк России"),
    *("Роман интересный.", "Вера в людей.", "Надежда умирает последней.", "Любовь прошла."),
    *(
        "Will you mark May 5?",
        "Grace is a virtue.",
        "Rose gardens.",
        "Bill of lading.",
        "New York Times",
    ),
    *(
        "ОСАГО ХХХ 0123456789",
        "Мороз на улице, -25",
        "Kind Regards",
        "@ 12:00",
        "Площадь 54,3 кв. м",
    ),
    *("Живёт на Ленина", "Victoria Station", "3 stops from Camden", "у «Маяковской»", "Lada Vesta"),
    *("Skoda Octavia", "Лада Веста", "Dear Hiring Manager", "Тема: отпуск", "живу в Борисове"),
    *("Тому, кто ждёт", "Степи Казахстана", "Готов приехать", "рег. номер 7712345601", "Max is 5"),
    *("роман света и тени", "тема письма", "маршрут москва - тула", "it is jest", "Hope is there"),
    *("Письмо от директора", "Server rack", "Hallo Herr", "Анкета: Имя: Отчество:"),
]


@pytest.mark.parametrize(("kind", "text"), [(k, one) for k, some in MASKED.items() for one in some])
def test_alone_in_a_letter_it_is_masked_whole(kind: str, text: str):
    assert anonymise(f"вот:\n{text}\nконец").text == f"вот:\n[{kind}_1]\nконец"


@pytest.mark.parametrize(("kind", "text"), [(k, one) for k, some in SAID.items() for one in some])
def test_behind_words_that_say_what_it_is_it_is_masked(kind: str, text: str):
    done = anonymise(text)

    assert [span.kind for span in done.spans] == [kind]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_identifies_nobody_stays(text: str):
    assert anonymise(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "+7 916 123-45-67, то есть 8(916)1234567 или 89161234567",
        "Иван Петрович Сидоров: Ивану Петровичу, Сидорова, И. П. Сидоровым, СИДОРОВ ИВАН",
        "4111 1111 1111 1111 или 4111111111111111",
        "ivan@mail.ru, IVAN@MAIL.RU и ivan (at) mail.ru",
        "Анна Королёва и Анны Королевой",
        "А123ВС77 и A123BC77",
    ],
)
def test_one_value_in_many_writings_has_one_placeholder(text: str):
    done = anonymise(text)

    assert len(done.spans) > 1
    assert len({span.placeholder for span in done.spans}) == 1


def test_who_stands_between_people_in_a_list_is_one_whatever_the_word_means():
    text = "Не сдали: Бурлак, Чижик Поля, Эргашев Т. Сдал Мороз, а Москва молчит."

    found = [text[span.start : span.end] for span in anonymise(text).spans]

    assert found[:3] == ["Бурлак", "Чижик Поля", "Эргашев Т."]
    assert "Москва" not in found


def test_an_address_ends_where_the_next_sentence_begins():
    text = "Он проживает: РФ, 350000, Краснодар, Красная ул., 122, кв. 9. Площадь 44,1 м²."

    assert anonymise(text).text == "Он проживает: [ADDRESS_1]. Площадь 44,1 м²."


def test_an_address_of_a_server_is_no_version():
    assert anonymise("Server 10.44.0.17, version 1.2.3.4").text == (
        "Server [IP_1], version 1.2.3.4"
    )


def test_two_people_are_two():
    assert anonymise("Иван Петров и Пётр Иванов").text == "[PERSON_1] и [PERSON_2]"


def test_numbers_go_by_first_appearance_and_kind():
    text = "Анна (a@b.ru), Олег (c@d.ru), снова Анна"

    assert anonymise(text).text == (
        "[PERSON_1] ([EMAIL_1]), [PERSON_2] ([EMAIL_2]), снова [PERSON_1]"
    )


def test_placeholders_that_are_there_stay_and_their_numbers_are_not_used_again():
    text = "[PERSON_2] просил Анну Котову позвонить [PHONE_1] или 89161234567"

    assert anonymise(text).text == (
        "[PERSON_2] просил [PERSON_3] позвонить [PHONE_1] или [PHONE_2]"
    )


def test_spans_point_into_the_original_whatever_was_normalised():
    text = (
        "№\u200b ５, e\u0301: Ив\u200bан Петр\u00adов, тел. +7\u00a0916\u2011123\u201145\u201167…"
    )

    found = [text[span.start : span.end] for span in anonymise(text).spans]

    assert found == ["Ив\u200bан Петр\u00adов", "+7\u00a0916\u2011123\u201145\u201167"]


def test_where_two_overlap_the_frame_wins():
    done = anonymise("https://shop.ru/u?email=ivan@mail.ru&tel=89161234567")

    assert [span.kind for span in done.spans] == ["URL"]


@pytest.mark.parametrize(
    "text", ["", " ", "😀👩‍👩‍👧", "\u202e\u200f", "\ud800", "()[]{}<>@@@...:::///"]
)
def test_nothing_to_find_changes_nothing(text: str):
    assert anonymise(text).text == text
