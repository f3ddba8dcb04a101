"""Labelled letters that were written after the rules, and measured once before the rules changed.

`{{KIND|text}}` is a personal detail, `{{-|text}}` a number that identifies nobody.
"""

LETTERS = (
    """Тема: пропуск на выставку
Добрый день! Прошу оформить разовые пропуска на {{-|14.10.2026}}:
1) {{PERSON|Бондарчук Леонид Фёдорович}}, паспорт {{PASSPORT|4011 778899}};
2) {{PERSON|Нгуен Тхи Лан}}, паспорт {{PASSPORT|C1234567}};
3) {{PERSON|Абдуллаева Зульфия Шавкатовна}}.
Въезд на а/м Kia Rio {{PLATE|Е345МН178}}, павильон {{-|7}}, стенд {{-|B-204}}.""",
    """Hey {{PERSON|Danny}},
grandma's moved. Write to her: Mrs {{PERSON|Eleanor Whitcombe}}, {{ADDRESS|14 Rosemary Lane, Ludlow, Shropshire SY8 1GB}}.
Landline {{PHONE|01584 872 345}}, she still doesn't answer mobiles. Train is the {{-|09:42}}, platform {{-|4}}, ticket was {{-|£31.20}}.
xx {{PERSON|Philippa}}""",
    """Уведомление налогового органа № {{-|5544-02}}
Налогоплательщик: {{PERSON|Цветков Аркадий Львович}}
ИНН: {{INN|784456554411}}; СНИЛС: {{SNILS|159-305-295 78}}
Начислено {{-|1 842}} руб., пени {{-|17,33}} руб., ОКТМО {{-|40910000}}, КБК {{-|18210601010031000110}}.
Срок уплаты до {{-|1 декабря 2026 г.}}""",
    """Салам! Это {{PERSON|Тимур}}. Забери посылку, код {{-|7716}}, пункт на Ленина {{-|40}}, до {{-|21:00}}.
Если что, набери брату: {{PHONE|+77011234567}}, {{PERSON|Нурлан}} его зовут. Или сестре {{PHONE|8 707 765 43 21}}.
Там коробка {{-|3,2}} кг и ещё размер {{-|42}}.""",
    """Order confirmation {{-|#114-7763201-5581019}}
Hello {{PERSON|Oluwaseun Adebayo}},
Your package with {{-|2}} items ($ {{-|64.97}}) ships to:
{{PERSON|Oluwaseun Adebayo}}
{{ADDRESS|4820 Willow Creek Drive, Austin, TX 78741}}
Phone: {{PHONE|512-555-0148}}
UPS {{-|1Z999AA10123456784}}. Arrives {{-|June 14}}.""",
    """Уважаемые родители! {{-|25 мая}} в {{-|18:00}} собрание {{-|7}} «Б» класса, кабинет {{-|214}}.
Сдать по {{-|1 850}} р. на карту классного руководителя {{CARD|2200 9653 4595 6625}} ({{PERSON|Лидия Марковна Ш.}}).
По вопросам питания пишите {{PERSON|Инне Зайцевой}}: {{PHONE|8 (921) 9876543}} или {{EMAIL|inna_z@school-57.spb.ru}}.""",
    """Ticket {{-|#48213}} - status: open
{{PERSON|Kwabena Mensah}} commented on {{-|2026-02-11}} {{-|17:03}}:
Still failing from {{IP|203.0.113.77}} after upgrading to v{{-|3.8.1}}. Error {{-|0x80070005}}, port {{-|8443}}.
My account is {{EMAIL|k.mensah+support@accra-tech.com.gh}}.
{{PERSON|Lucía Fernández}} replied: try {{URL|https://login.accra-tech.com.gh/cb?code=AbC123xyz&state=99}}""",
    """Прошу перечислить зарплату по реквизитам:
Получатель {{PERSON|Гусейнов Рашад Вагиф оглы}}
Счёт получателя {{ACCOUNT|40817810455033112233}}
Банк АО «Альфа», БИК {{-|044525593}}, к/с {{ACCOUNT|30101810200000000593}}
Номер карты: {{CARD|5555767634714069}}, оклад {{-|95 000}} ₽, табельный {{-|00317}}.""",
    """Sehr geehrte Frau {{PERSON|Annegret Schulze}},
Ihre Rechnung {{-|2026-0098}} über {{-|219,90}} EUR ist fällig. Bitte zahlen Sie auf {{IBAN|DE89 3704 0044 0532 0130 00}}.
Lieferadresse: {{ADDRESS|Lindenstraße 27, 50674 Köln}}. Rückfragen: {{PHONE|+49 221 4710 1234}}.
Mit freundlichen Grüßen
{{PERSON|Jürgen Baumann}}""",
    """здравствуйте меня зовут {{PERSON|оксана мельник}} мне {{-|34}} года хочу записаться на маникюр на {{-|среду 18:30}}
мой тел {{PHONE|9261112233}} пишите в вотсап. сколько стоит покрытие, {{-|2200}}? прошлый раз была у {{PERSON|Жанны}}""",
    """Протокол совещания {{-|12/26}} от {{-|09.09.2026}}
Присутствовали: {{PERSON|А.Б. Кравец}}, {{PERSON|Н. Ю. Лысенко}}, {{PERSON|Вартанян Г.}}, {{PERSON|С. Цой}}.
Решили: закупить {{-|40}} мониторов по {{-|18 700}} руб.; ответственный {{PERSON|Кравец}}.
Следующее совещание {{-|16.09}} в ауд. {{-|1105}}.""",
    """Dear Sir or Madam,

I wish to cancel policy {{-|PL/88/20314}}. I am {{PERSON|Thandiwe Nkosi}}, date of birth {{BIRTHDATE|1988-06-23}}, passport {{PASSPORT|A08812345}}.
Refund {{-|R 1,240.50}} to account number {{ACCOUNT|62044718823}}, branch code {{-|250655}}.
My cell is {{PHONE|+27 82 555 0192}}.

Yours faithfully,
{{PERSON|T. Nkosi}}""",
    """Анкета соискателя
Фамилия: {{PERSON|Ерёменко}}
Имя: {{PERSON|Любовь}}
Отчество: {{PERSON|Игоревна}}
Дата рождения: {{BIRTHDATE|7 ноября 1991 г.}}
Адрес проживания: {{ADDRESS|Ростовская обл., г. Таганрог, пер. Тургеневский, д. 12а, кв. 3}}
E-mail: {{EMAIL|lyubov.eremenko@gmail.com}}
Telegram: {{HANDLE|@lyuba_er}}
Желаемый доход: {{-|70000}}. Опыт: {{-|6}} лет.""",
    """> > {{PERSON|Паша}}, ты где? {{-|15}} минут ждём
> {{PERSON|Сань}}, застрял на {{-|МКАДе 45}} км, скинь {{PERSON|Дашин}} номер
держи {{PHONE|+7(999)8887766}}
и адрес её {{ADDRESS|ул. 8 Марта, 14-56}}, код {{-|1290К}}""",
    """FINAL NOTICE. Dear {{PERSON|MARGARET DOYLE}}, your licence expires on {{-|31/07/2026}}. Vehicle {{PLATE|BD51 SMR}}.
Pay {{-|£190.00}} at https://www.gov-example.uk/pay or call {{PHONE|0300 123 4567}}. Reference {{-|VEH-7719-22}}.
National Insurance number on file: {{ID|QQ 12 34 56 C}}.""",
    """Заявление. Я, {{PERSON|Сулейманова Фарида Рамилевна}} ({{BIRTHDATE|19.08.1979}} г.р.), проживающая по адресу: {{ADDRESS|420111, г. Казань, ул. Баумана, дом 44/8, квартира 6}},
полис {{OMS|1614 0062 1580 6434}}, прошу прикрепить меня к поликлинике № {{-|18}}.
Тел. дом. {{PHONE|292-14-55}}, приказ {{-|406н}} от {{-|26.04.2012}}.""",
    """Hi team, quick intro: {{PERSON|Giulia Moretti}} (design), {{PERSON|Zbigniew Wójcik}} (backend) and {{PERSON|Hyun-woo Park}} (data).
{{PERSON|Giulia}} sits on floor {{-|5}}. Sprint {{-|42}} ends {{-|Friday 13 March}}; velocity {{-|31}}.
Wiki: https://wiki.company.io/display/ONBOARD. Mail {{EMAIL|zbigniew.wojcik@company.io}}.""",
    """Ваш страховой полис ОСАГО ХХХ {{-|0123456789}} оформлен на {{PERSON|Гончарова Егора}}.
Автомобиль Hyundai Solaris, номер {{PLATE|Т 512 УК 50}}, VIN {{-|Z94CT41DBFR123456}}.
Премия {{-|9 317,04}} руб. Горячая линия {{PHONE|8-800-200-0-900}}. Приложение доступно с версии {{-|4.2}}.""",
    """ООО "Ромашка" благодарит {{PERSON|Васильеву Веронику}} за участие! Ваш промокод {{-|LETO2026}}, скидка {{-|15}} %, минимум {{-|3 000}} рублей.
Отписаться: {{URL|https://romashka.ru/unsub/5f2c9a7be1d04c38a6}}. Правила: https://romashka.ru/rules?page=2
© {{-|2019}}-{{-|2026}}, лицензия {{-|ЛО-77-01-012345}}.""",
    """{{PERSON|Ivan Sergeevich Petrenko}}
Phone: {{PHONE|+380 (67) 123-45-67}}
Address: {{ADDRESS|ul. Shevchenko 15, kv. 40, Kharkiv}}
Visa application {{-|2026/44871}}, fee {{-|80}} EUR, interview {{-|21.10.2026}} at {{-|11:20}}.
Contact in Prague: {{PERSON|Tomáš Dvořák}}, {{EMAIL|tomas.dvorak[at]firma.cz}}""",
    """Доктор {{PERSON|Магомедов}} перенёс операцию {{PERSON|Алёны Дмитриевны}} на {{-|четверг, 11:15}}. Давление {{-|130/85}}, пульс {{-|72}}, сахар {{-|5,6}}.
Палата {{-|12}}. Передайте мужу, {{PERSON|Игнату}}, что нужна копия СНИЛС {{SNILS|079 216 003 62}}.""",
    """Bonjour {{PERSON|Amélie}},
Le colis {{-|6A12345678901}} arrivera chez {{PERSON|Jean-Baptiste Lefèvre}}, {{ADDRESS|18 rue de la République, 69002 Lyon}}.
Tel {{PHONE|06 12 34 56 78}}. Virement sur {{IBAN|FR14 2004 1010 0505 0001 3M02 606}}, montant {{-|85,00}} €.
À bientôt, {{PERSON|Chloé}}""",
    """Вход в личный кабинет с нового устройства: Android {{-|14}}, IP-адрес {{IP|95.24.131.8}}, {{-|06.05.2026}} {{-|23:58}} МСК.
Логин: {{HANDLE|roman_v_1990}}. Если это не вы, смените пароль. Код {{-|551-204}} никому не сообщайте.""",
    """Dear Ms. {{PERSON|Takahashi}},
Thank you for registering {{PERSON|Haruto Takahashi}} (grade {{-|4}}, room {{-|17}}). Tuition is {{-|$2,350}} per term.
Emergency contacts: father {{PHONE|+81 90-1234-5678}}, neighbour {{PERSON|Mark Stone}} {{PHONE|(206) 555-0137}}.
Bus {{-|12}} leaves at {{-|7:50}} am. Best wishes, Principal {{PERSON|Brooks}}""",
    """Акт приёма-передачи. {{PERSON|Ким Ю.С.}} передал, а {{PERSON|Чавчавадзе Нана Георгиевна}} приняла ноутбук, инв. № {{-|000123456}}, S/N {{-|5CD8210XYZ}}, цена {{-|64 990}}.
Паспорт получателя: {{PASSPORT|60 15 № 778812}}, выдан {{-|03.03.2016}} УФМС, код подразделения {{-|610-012}}.""",
    """Прислали мне тут: «Перевод {{-|3 000,00}}р от {{PERSON|АНДРЕЙ ВИКТОРОВИЧ К.}} Баланс: {{-|14 211,80}}р карта *{{-|5521}}».
{{PERSON|Андрюх}}, это ты? Моя карта вообще другая: {{CARD|4000 8173 1693 4073}}. А на ту, {{CARD|4276 **** **** 8812}}, не шли.""",
    """Tenancy reminder: rent of {{-|1,050}} GBP for Flat at {{ADDRESS|Flat 9, 32 King's Road, Brighton BN1 2LN}} was due {{-|1 Sept}}.
Tenant: {{PERSON|Callum Fitzgerald}}; guarantor: {{PERSON|Bronwen Pryce}}, {{EMAIL|b.pryce at gmail dot com}}, mobile {{PHONE|07911 123456}}.
Sort code {{-|20-00-00}}, account {{ACCOUNT|55779911}}.""",
    """Коллеги, {{PERSON|Роман}} в отпуске с {{-|3}} по {{-|17 августа}}. Замещает {{PERSON|Вера Холодная}}, вн. {{-|4417}}.
Сервер {{IP|10.0.14.250}} перезагружен, релиз {{-|2026.08.1}}, упало {{-|0,02}} % запросов из {{-|1 500 000 000}}.
Вопросы к {{PERSON|Любови Орловой}}, {{EMAIL|l.orlova@corp.mail.ru}}.""",
    """Мастер {{PERSON|Шамиль}} приедет по адресу {{ADDRESS|Санкт-Петербург, Московский пр., д. 183, к. 2, кв. 77}} {{-|19.11}} с {{-|12}} до {{-|15}}.
Стоимость выезда {{-|500}} руб. Телефон мастера: {{PHONE|8 931 - 404 - 50 - 60}}. Заявка {{-|№ 89161234567}}.""",
    """Hello! I'm {{PERSON|Svetlana}}, I sell the bike ({{-|2021}}, {{-|11.4}} kg, {{-|€430}}). Text me: {{PHONE|+372 5123 4567}} or TG {{HANDLE|@sveta_tallinn}}.
Or my husband {{PERSON|Kaarel Tamm}}: {{PHONE|00372 5551 2345}}. Serial {{-|WBK88213390}}.""",
)
