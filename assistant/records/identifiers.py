"""Identifying items that have a form of their own: addresses of all sorts, numbers of documents, telephones, dates.

Every pattern is bounded, so that the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import phonenumbers

REGIONS = ("KZ", "RU", "PL", "TR", "DE", "LT", "CZ", "HU", "ES", "IT", "KR", "GB")
"""Where a number without country code may belong to: where students come from and where they go."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'()\[\]]{3,500}"
    r"|(?<![\w.@-])(?:t\.me|telegram\.me|wa\.me|instagram\.com|vk\.com|vk\.ru|facebook\.com|fb\.com|tiktok\.com|x\.com|"
    r"twitter\.com|youtube\.com|youtu\.be|linkedin\.com|ok\.ru|threads\.net)/[^\s<>\"'()\[\]]{1,200}"
    r"|(?<![\w.+@-])@[A-Za-z_][\w.]{2,40}",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"\b(?:instagram|insta|telegram|tg|tiktok|facebook|skype|discord|инстаграм|инста|телеграм|тг|тикток|скайп|ник|nickname)"
    r"[а-яәіңғүұқөһ]{0,4}\s?[:\-–—]\s?([a-z_][\w.]{2,30})",
    re.IGNORECASE,
)
_TWELVE = re.compile(r"(?<!\d)\d{12}(?!\d)")
_PASSPORT = re.compile(r"(?<![^\W_])(?:[A-ZА-Я]{1,2}\s?(?:№\s?)?\d{7,8}|[A-Z]\d{8,9})(?![^\W_])")
_NUMBERED = re.compile(
    r"(?:passport|паспорт|id card|identity card|удостоверени|куәлік|жеке куәлі|ЖСН|ИИН|IIN|SNILS|PESEL)[^\d\n.]{0,30}"
    r"((?:№\s?)?\d(?:\s?\d){5,11})(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.+])(?:\+\s?|00)?\(?\d(?:[ ().\u2011\-–]{0,2}\d){8,14}(?!\d)")
_AMOUNT = re.compile(r"\d{1,3}(?:[ .]\d{3}){2,4}|\d{4,7}[-–]\d{4,7}")

_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|"
    r"декабр|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан)[^\W\d_]{0,8}\.?"
)
_DATE = re.compile(
    rf"(?<!\d)(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})(?!\d)|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:\sof)?\s{_MONTHS}(?:,?\s\d{{4}}(?:\s(?:года|г\.|жыл\w{{0,4}}))?)?"
    rf"|\d{{4}}\s?(?:жыл\w{{0,4}}|ж\.)\s\d{{1,2}}\s?-?\s?{_MONTHS})"
    rf"|(?<![^\W_]){_MONTHS}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}(?!\d)",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"\bborn\b|\bbirth|\bd\.?o\.?b\b|родил|рожден|рождён|туған|туыл|\bтуды|дүниеге кел", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_BESIDE = 60
"""Characters around a date in which a word about birth makes it a date of birth."""

_NO = r"(?:№|no\.?|nr\.?|n°|#|номер|нөмір\w{0,4})\s?"
_HOUSE = (
    r"dorm(?:itory)?|hostel|school|gymnasium|lyceum|kindergarten|общежити\w{1,3}|общаг\w{1,2}|школ\w{1,4}|"
    r"гимнази\w{1,2}|лице\w{1,3}|детск\w{2,3} сад\w{0,2}|"
    r"жатақхана\w{0,6}|мектеп\w{0,6}|гимназия\w{0,6}|лицей\w{0,6}|балабақша\w{0,6}"
)
_ROOM = r"room|rm\.|flat|apartment|apt\.?|комнат\w{1,2}|квартир\w{1,2}|кв\.|бөлме\w{0,6}|пәтер\w{0,6}"
_COUNTED = (
    r"(?!\s?(?:week|day|hour|year|month|student|people|pupil|minute|euro|lesson|недел|дн|день|час|лет|год|месяц|студент|"
    r"учени|человек|минут|евро|урок|апта|күн|сағат|жыл|ай\b|студент|оқушы|адам|минут|еуро|сабақ|%|€|\d|[.,:]\d|\s?[–-]\s?\d|-\w{2,}\b))"
)
_NUMBER = r"\d{1,4}\s?[A-ZА-Яa-zа-я]?(?![^\W_])"
_HOUSE_NO = r"(?:[ ,]{0,2}(?:д\.|дом|үй|house|h\.)\s?)?"
_TAIL = (
    r"(?:[ ,/]{0,2}(?:(?:кв\.?|квартира|apt\.?|apartment|flat|room|дом|д\.|корпус|к\.|корп\.)\s?)?\d{1,4}(?![\d:])"
    r"(?:-(?:үй|пәтер)\w{0,6})?[A-Za-zА-Яа-я]?(?![^\W_])){0,4}"
)
_NAME = r"[A-ZА-ЯӘІҢҒҮҰҚӨҺŁŚŻŹĆÇĞİÖŞÜ][^\W\d_]{1,30}(?:[ -][A-ZА-ЯӘІҢҒҮҰҚӨҺŁŚŻŹĆÇĞİÖŞÜ][^\W\d_]{1,30}){0,2}"
_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![^\W_])(?i:ul\.|ulica|al\.|aleja|os\.|улиц\w{{1,2}}|ул\.|проспект\w{{0,2}}|пр\.|пр-т|переул\w{{2,4}}|микрорайон\w{{0,2}}|мкр\.?"
        rf"|бульвар\w{{0,2}})\s{_NAME},?\s?{_HOUSE_NO}\d{{1,4}}[A-Za-zА-Яа-я]?{_TAIL}",
        rf"(?<![^\W_])\d{{1,4}}[A-Za-z]?,?\s{_NAME}\s(?i:street|st\.|avenue|ave\.|road|rd\.|lane)(?![^\W_])",
        rf"(?<![^\W_]){_NAME}\s(?i:street|avenue|road|lane|straße|strasse|caddesi|sokak|sok\.),?\s?(?:(?i:no:?|house)\s?)?"
        rf"\d{{1,4}}{_TAIL}",
        r"(?<![^\W_])[A-ZÄÖÜ][a-zäöüß]{2,25}(?:straße|strasse|str\.|gasse|weg|platz)\s\d{1,4}[a-z]?(?!\w)",
        rf"(?<![^\W_]){_NAME}\s(?i:көше|даңғыл|шағын ауд|ықшам ауд|бульвар)\w{{0,5}},?\s?(?:№\s?)?\d{{1,4}}"
        rf"(?:-(?:үй|пәтер)\w{{0,6}})?{_TAIL}",
        rf"(?<![^\W_])(?i:{_HOUSE})\s(?i:{_NO})\d{{1,4}}(?!\d)",
        rf"(?<![^\W_])(?i:{_HOUSE})\s\d{{1,3}}(?![^\W_]){_COUNTED}",
        rf"(?i:{_NO})\d{{1,4}}\s?(?:-\s?)?(?:\w{{1,20}}\s)?(?i:{_HOUSE})",
        r"(?<!\d)\d{1,4}(?:-ші|-шы)?(?:-|\s)(?i:бөлме|пәтер|мектеп|гимназия|лицей|жатақхана)\w{0,6}",
        r"(?<![^\W_])\d{1,4}[A-ZА-Я][ -](?i:бөлме|пәтер)\w{0,6}",
        rf"(?<![^\W_])(?i:{_ROOM})\s(?i:{_NO})?{_NUMBER}{_COUNTED}",
    )
)
_WEIGHTS: tuple[tuple[int, ...], ...] = (tuple(range(1, 12)), (*range(3, 12), 1, 2))


def find_emails(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses for e-mail stand."""
    yield from (found.span() for found in _EMAIL.finditer(text))


def find_links(text: str) -> Iterator[tuple[int, int]]:
    """Yield where links and names in social networks stand, without the punctuation that follows."""
    for found in _LINK.finditer(text):
        yield found.start(), found.start() + len(found[0].rstrip(".,;:!?»”"))
    yield from (found.span(1) for found in _HANDLE.finditer(text))


def find_documents(text: str) -> Iterator[tuple[int, int]]:
    """Yield where numbers of persons and of identity papers stand."""
    yield from (found.span() for found in _TWELVE.finditer(text) if is_iin(found[0]))
    yield from (found.span() for found in _PASSPORT.finditer(text))
    yield from (found.span(1) for found in _NUMBERED.finditer(text))


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers stand, with country code or in the way of one of ``REGIONS``."""
    for found in _PHONE.finditer(text):
        if found[0].startswith("+") or (not _AMOUNT.fullmatch(found[0]) and _is_national(found[0])):
            yield found.span()


def find_birth_dates(text: str) -> Iterator[tuple[int, int]]:
    """Yield where dates stand whose sentence speaks of birth close by."""
    for found in _DATE.finditer(text):
        before = _SENTENCE_END.split(text[max(0, found.start() - _BESIDE) : found.start()])[-1]
        after = _SENTENCE_END.split(text[found.end() : found.end() + _BESIDE])[0]
        if _BIRTH.search(before) or _BIRTH.search(after):
            yield found.span()


def find_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses, rooms and numbered schools and dormitories stand."""
    for pattern in _PLACES:
        yield from (found.span() for found in pattern.finditer(text))


def is_iin(digits: str) -> bool:
    """Return whether twelve digits are an individual identification number of Kazakhstan.

    It begins with the date of birth (YYMMDD); the last digit is the sum of the others by weight modulo 11, with a
    second row of weights where the first gives 10.
    """
    try:
        date(2000, int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    for weights in _WEIGHTS:
        check = sum(int(digit) * weight for digit, weight in zip(digits[:11], weights, strict=True)) % 11
        if check < 10:
            return check == int(digits[11])
    return False


def _is_national(written: str) -> bool:
    return any(_is_valid(written, region) for region in REGIONS)


def _is_valid(written: str, region: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(written, region)))
    except phonenumbers.NumberParseException:
        return False
