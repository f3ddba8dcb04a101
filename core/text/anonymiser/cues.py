"""Words before a name: what says that it is one, and what says that it is none."""

from __future__ import annotations

import re

from core.text.anonymiser.agreement import is_title
from core.text.anonymiser.words import names

#: How far before a name is looked.
_NEAR = 40
_SIGNS = r"[\s,:;.!\-/>*|\"«()]{0,6}$"

_GREETINGS = (
    r"уважаем\w+|ув\.|дорог(?:ой|ая|ие)|мил(?:ый|ая)|здравствуй(?:те)?|приветствую|прив(?:ет(?:ик)?)?"
    r"|доброго дня"
    r"|добр(?:ый|ое|ого) (?:день|утро|вечер|времени суток)|(?:меня |его |её |ее |тебя "
    r"|вас )?зовут|с уважением"
    r"|искренне ваш\w*|целую|обнимаю|с любовью|г-н\w*|г-ж\w*|господин\w*|госпож\w*|гр\."
    r"|гражданин\w*|гражданк\w*"
    r"|доктор\w?|дяд[яиею]|т[ёе]т[яиею]|товарищ\w?|тов\.|баб[аы]|мадам"
    r"|dear|hi|hello|hey|hiya|good (?:morning|afternoon|evening)|mr|mrs|ms|miss|mx|dr|prof"
    r"|professor|herr|frau|mme"
    r"|señora?|sra?|capt(?:ain)?|sgt|rev|attn|(?:kind |best |warm |kindest )?regards|(?:best "
    r"|warm )?wishes|sincerely"
    r"|cheers|thanks|thx|many thanks|thank you|yours(?: truly| faithfully| sincerely| ever)?"
    r"|love|best|xoxo|respectfully|cordially"
    r"|warmly|my name is|nurse|principal|coach|officer|judge|pastor|senator|bonjour|chère?|hola"
    r"|estimad[oa]|querid[oa]|liebe[rs]?|hallo|grüßen?|cordialement|saludos|à bientôt|ciao"
    r"|oi|olá|abraços?|atenciosamente|freundlichen grüßen|mfg|vg|lg|bisous|amitiés|pozdrawiam"
    r"|witam|cześć|ahoj|merhaba|selam|sevgiler|groet(?:en|jes)|hej|hei|bonsoir|obrigad[oa]|gracias"
    r"|buongiorno|(?:name is|called|named|this is|i'm|i am|aunt|uncle|cousin)"
)
_LABELS = (
    r"имя(?: и фамилия)?|фамилия|отчество|ф\.? ?и\.? ?о\.?|клиент\w*|пациент\w*|получател\w*"
    r"|отправител\w*|плательщик\w*"
    r"|заявител\w*|заказчик\w*|держател\w*|владел\w+|контактное лицо|контакт|кому|от кого"
    r"|менеджер|врач|водитель|курьер"
    r"|сотрудник|ученик|ученица|студент\w*|арендатор|наниматель|продавец|покупатель|пассажир\w*"
    r"|гость|автор|ответственный|исполнитель"
    r"|name|full name|first name|last name|surname|given name|patient|recipient|sender"
    r"|beneficiary|payee|(?:card|account )?holder"
    r"|passenger|guest|attendee|employee|student|contact|assignee|customer|client|from|to|cc"
    r"|prepared by|signed(?: by)?|author|reporter"
    r"|account name|tenant|driver|manager|owner"
)
_COMPANY = (
    r"от|и|у|к|для|за|с|со|это|спасибо|благодарю|ваш[аи]?|тво[йя]|мо[йяю]|мо(?:ей|его|ему)|нашей"
    r"|нашего|клиент\w*|пациент\w*|получател\w*|менеджер\w*"
    r"|врач\w*|директор\w*|бухгалтер\w*|секретар\w*|сотрудник\w*|учител\w*|ученик\w*|водител\w*"
    r"|курьер\w*|специалист\w*|оператор\w*|консультант\w*"
    r"|адвокат\w*|нотариус\w*|исполнител\w*|подруг\w*|друг\w?|сын\w{0,3}|доч\w*|муж\w?"
    r"|жен[аоыеу]\w?|мам[аеуы]|пап[аеуы]|брат\w*|сестр\w*|бабушк\w*"
    r"|дедушк\w*|коллег\w*|ип|пишет|мастер\w*|тренер\w*|репетитор\w*|инженер\w*|заказчик\w*"
    r"|соседк?\w*"
    r"|with|by|tell|ask|met|meet|and|from|to|cc|patient|client|customer|employee|student|teacher"
    r"|tutor|manager|director|engineer|agent|colleague|boss"
    r"|husband|wife|son|daughter|brother|sister|mother|father|mom|mum|dad|friend|partner"
    r"|neighbou?r|contact|call|email|nanny|doctor|lawyer|attorney"
)
_PLACES = (
    r"ул(?:иц\w*)?\.?|проспект\w*|пр-т|пр\.|площад\w*|метро|м\.|станци\w*|имени|им\.|парк\w*"
    r"|библиотек\w*|музе\w*|театр\w*"
    r"|бульвар\w*|переул\w*|пер\.|наб\w*\.?|шоссе|мост\w*|г\.|город\w*|пос\.|дер\.|село|бц|тц|жк"
    r"|ооо|зао|оао|пао|ао|фонд\w*|премия|премии"
    r"|роман\w?|стих\w*|книг\w+|фильм\w*|спектакл\w+|опер\w|lake|mount|fort|port|saint|st|the"
    r"|airport|university|bank|skoda|škoda|шкода|toyota|seat"
)
# Begin with a sign and not with a look behind, which takes several times as long.
_GREETING = re.compile(rf"[^\w-](?:{_GREETINGS}){_SIGNS}")
_LABEL = re.compile(rf"[^\w-](?:{_LABELS})\s{{0,2}}[:=|\-]\s{{0,3}}[\"«]?$")
_TITLE = re.compile(r"[^\w-]([а-яё]{4,20})\s?: $")
_IN_TOWN = re.compile(r"[^\w-](?:во?|из|под|около|близ|возле|через) $")
_LINE_OF_ITS_OWN = re.compile(r"[,.!]?[ \t]{0,3}(?:[\n\r]|$)|: ")
_CUE = re.compile(rf"[^\w-](?:{_COMPANY})[\s:]{{1,3}}$")
_PLACE = re.compile(rf"[^\w-](?:{_PLACES})[\s«\"]{{1,3}}$")
_START = re.compile(r"(?:^|[.!?…:;>\n\r\t•*|\-(\"«])[\s\"'«(>|*\-]*$")
_LINE_START = re.compile(r"(?:^|[\n\r\t|>;])[ >*|\-\t]*$")
_LINE_END = re.compile(r"[ \t]{0,3}(?:[,.;|\n\r\t(<]|$)")


#: What people do and things do not, behind a name that no dictionary holds.
_ACTS = re.compile(
    r"(?:'s team|\s(?:said|says|asked|asks|told|called|calls|sent|sends|wrote|writes|wants|thinks"
    r"|agreed|confirmed|joined|replied|signed|signs|owes|bought|promised|mentioned|suggested"
    r"|is (?:out|away|off|ill|sick|here|on leave|on vacation|back|coming|running late)"
    r"|was (?:out|away|off|ill|sick|here)))(?!\w)"
)
#: Around a name that is an English word as well: what things seldom do.
_IS_SOMEBODY = re.compile(
    r"(?:'s|\s(?:is|was|has|had|can|could|would|should|knows|needs|did|does|who|whose))(?!\w)"
)
_SOMEBODY_IS = re.compile(
    r"[^\w-](?:is|was|can|could|will|would|did|does|has|think|thinks|thought|know|saw|but|that|if|when"
    r"|while|because|give|gave|send|sent|remind|show|let|help) $"
)
#: Words that rather name a person where they have a capital and a verb: not "Hope is", "Max is".
_PEOPLE = frozenset(
    (
        *("mark", "frank", "jack", "rob", "bob", "josh", "don", "drew", "carol", "sue", "nick"),
        *("jimmy", "tony", "sam", "mike", "taylor", "tyler", "carter", "hunter", "lee", "ali"),
        *("robin", "wade", "randy", "curt", "wes", "norma", "jean", "daisy", "lily", "heather"),
        *(
            "ed",
            "al",
            "dick",
            "penny",
            "sandy",
            "earl",
            "grant",
            "dean",
            "ray",
            "guy",
            "pat",
            "ola",
        ),
        *("lance", "ward", "troy", "dale", "glen", "jay", "kitty", "mason", "logan", "amber"),
    )
)
_OWNS = re.compile(r"'s(?!\w)")
_MONTHS = frozenset(("april", "may", "june", "august"))
#: Behind a word, says that it names a place.
_OF_PLACE = re.compile(
    r" (?:station|street|road|park|hospital|airport|university|college|school|bridge|square|hotel"
    r"|church|bank|county|city|island|lake|river|beach|museum|library|hall|house|tower|line"
    r"|веста|гранта|калина|приора|нива|ларгус|vesta|granta|niva"
    r"|stadium|cathedral|theatre|theater|centre|center|building|court|market)(?!\w)"
)
_TOWARDS = re.compile(r"[^\w-](?:from|to|in|at|near|via|and|by) $")
_ON = re.compile(r"[^\w-](?:на|по|с|до|от|к) $")
_ADDRESSED = re.compile(
    r"[,!]\s{0,2}(?:здравствуй|прив|добр|спасиб|извин|прост|прош|пожалуйста|подскаж|ты |вы |как "
    r"|hi|hello|hey|thank|please|good "
    r"|can you|could you|would you|are you)"
    r"|\s(?:will|said|says|asked|told|called|sent|wants|wrote|thinks|agreed|confirmed|joins"
    r"|joined|replied|owes|bought|came|comes|went|left|gave|got|took|signed|promised|lives|works"
    r"|moved|arrived|arrives)(?!\w)"
    r"|\s(?:(?:сегодня|завтра|вчера|уже|ещ[её]|тоже|опять|снова|сейчас|потом|вс[её]|не|сам|сама"
    r"|только|сразу|нам|мне|ему|ей|им|вам|тебе|меня|его|е[её]|вас|нас|это|тогда|лично)\s){0,2}"
    r"(?:(?:по|пере)?звонит|(?:на|под)пишет|прид[её]т|приедет|прин[её]с(?:ла)?|принес[её]т"
    r"|привез[её]т|переда(?:ст|[её]т)|скажет|знает|думает|считает|хочет|поможет|помогла?|взяла?"
    r"|сделает|сделала|возьм[её]т|верн[её]тся|вернулся|вернулась|приш[её]л|пришла|заш[её]л|зашла"
    r"|зайд[её]т|подойд[её]т|проверит|проверила?|подготовит|подготовила?|ответит|едет|поехала?"
    r"|узнает|узнала?|оформит|оформила?|заплатит|оплатит|переведёт|закажет|пришл[её]т|отправит"
    r"|свяжется|связалась|связался|обещает|предложила?|решила?|выходит|предупредила?|рассказала?"
    r"|на больничном|в отпуске|в командировке|на совещании|в курсе|на связи|на месте"
    r"|сегодня не будет|передать|сообщить|позвонить|написать|выдать)(?!\w)"
    r"|\s(?:(?:по|пере)?звонила?|(?:на)?писала?|сказала?|спросила?|ответила?|(?:по)?просила?|привет"
    r"|передала?|приехала?|уехала?|забрала?|купила?|заболела?|обещала?|работает|живёт|живет|пишет"
    r"|говорит|просит|сообщила?|отправила?|прислала?|подписала?|согласн?а|согласен|уволил(?:ся|ась)"
    r"|опоздала?|заплатила?|перевела?|оплатила?|заказала?|не отвечает|не придёт|не придет"
    r"|сломала?|потеряла?"
    r"|наш(?:ла|[её]л)|прив(?:езла|[её]з)|болеет|спит|учится|плакала?|играет|опаздывает|ушла домой"
    r"|задерживается|уш[её]л домой)(?!\w)"
)


class Cues:
    """What stands before a place of a letter."""

    __slots__ = ("_before", "_low", "_start")

    def __init__(self, low: str, start: int) -> None:
        self._low, self._start = low, start
        self._before = low[start - _NEAR : start] if start > _NEAR else "\n" + low[:start]

    @property
    def is_said(self) -> bool:
        """Whether a greeting, a title, a signature or a field's label says: here is a name."""
        if _GREETING.search(self._before) or _LABEL.search(self._before):
            return True
        title = _TITLE.search(self._before) if self.follows_colon else None
        return title is not None and is_title(title[1])

    @property
    def is_likely(self) -> bool:
        """Whether a word stands there that people stand behind ("from", "manager", "and")."""
        return self.is_said or _CUE.search(self._before) is not None

    @property
    def is_place(self) -> bool:
        """Whether something is named after a person there: a street, a station, a company."""
        return _PLACE.search(self._before) is not None

    @property
    def starts_sentence(self) -> bool:
        """Whether a capital says nothing there."""
        return self._start == 0 or _START.search(self._before) is not None

    @property
    def follows_colon(self) -> bool:
        """Whether a list or a quotation begins there."""
        return self._before.endswith(": ")

    @property
    def is_towards(self) -> bool:
        """Whether a word stands there that rather places stand behind: "from Camden"."""
        return _TOWARDS.search(self._before) is not None

    @property
    def is_in_town(self) -> bool:
        """Whether a word stands there that towns stand behind and people do not: "в Борисове"."""
        return _IN_TOWN.search(self._before) is not None

    def speaks(self, end: int) -> bool:
        """Whether the name up to `end` is a line, as of a signature, or whose words a line is."""
        return (
            (self._start == 0 or _LINE_START.search(self._before) is not None)
            and not self._low.startswith("тема", self._start)  # the subject; and also Тёма
        ) and _LINE_OF_ITS_OWN.match(self._low, end) is not None

    def quotes(self, end: int) -> bool:
        """Whether quotation marks hold what is named up to `end` and nothing else."""
        return self.is_quoted and self._low[end : end + 1] in ("»", '"')

    @property
    def is_quoted(self) -> bool:
        """Whether a quotation mark stands right before."""
        return self._before[-1:] in ("«", '"')

    def is_addressed(self, end: int) -> bool:
        """Whether who is named up to `end` is spoken to, or speaks: "Роман, здравствуйте"."""
        return _ADDRESSED.match(self._low, end) is not None

    def acts(self, end: int) -> bool:
        """Whether what is named up to `end` does what people do: "Bao is out"."""
        return self.starts_sentence and _ACTS.match(self._low, end) is not None

    def owns(self, end: int) -> bool:
        """Whether something belongs to who is named up to `end`: "at Grace's"; months aside."""
        return (
            self._low[self._start : end] not in _MONTHS and _OWNS.match(self._low, end) is not None
        )

    def is_somebody(self, end: int) -> bool:
        """Whether an English word with a capital is or does what people are and do: "Mark can"."""
        if self._low[self._start : end] not in _PEOPLE:
            return False
        return (
            _IS_SOMEBODY.match(self._low, end) is not None
            or _SOMEBODY_IS.search(self._before) is not None
        )

    def names_place(self, end: int) -> bool:
        """Whether the word up to `end` names a place: "Victoria Station", "на Ленина"."""
        if _OF_PLACE.match(self._low, end):
            return True
        return (
            self._low[self._start : end] in names("streets")
            and _ON.search(self._before) is not None
        ) or (self._low[self._start : end] == "софии" and self.is_in_town)

    def fills_line(self, end: int) -> bool:
        """Whether from here to `end` is all of a line, a table's cell or a list's entry."""
        return (
            self._start == 0 or _LINE_START.search(self._before) is not None
        ) and _LINE_END.match(self._low, end) is not None
