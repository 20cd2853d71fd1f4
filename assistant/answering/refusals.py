"""What is refused whatever the documents say: personal data, instructions, other work, everyday matters."""

from __future__ import annotations

import re
import unicodedata

from assistant.types import Reason

# Each sort is a list of (one of these, and one of these); all are searched in case-folded text, without nesting
# repetitions, so that the time is linear in the length of the question.
_INSTRUCTION = (
    r"\b(ignore|disregard|forget|override)\b[^.?!\n]{0,40}\b(instruction|prompt|rule|previous|above|system)",
    r"\b(system prompt|developer mode|jailbreak|you are now|repeat your (prompt|instructions))\b",
    r"(?:^|[.!?,;] )(?:now )?(?:act as|pretend)\b",
    r"\b(reveal|print|show|tell me)\b[^.?!\n]{0,30}\b(your|system) (prompt|instructions|rules|configuration)\b",
    r"(игнорируй|забудь|не обращай внимания)[^.?!\n]{0,40}(инструкц|указан|правил|предыдущ|промпт)",
    r"(системн\w{0,4} промпт|ты теперь|притворись|веди себя как|покажи сво\w{1,3} (инструкц|промпт))",
    r"(нұсқау|ереже|алдыңғы)\w{0,12}[^.?!\n]{0,30}(ұмыт|елеме|назарға алма|ескерме)",
    r"(жүйелік промпт|сен енді|промптыңды|нұсқауларыңды көрсет)",
)
_PERSON = (
    r"participant|interviewee|respondent|case (study )?(one|two|three|1|2|3)|the (student|girl|boy|guy) (in|from|who)|"
    r"which student|who (exactly )?(was|is|were) (case|the (participant|student))|"
    r"участни[кц]|респондент|студент\w{0,4} (из|котор)|кейс|случа\w{1,2} (1|2|3)|героин|"
    r"қатысушы|респондент|1-жағдай|2-жағдай|3-жағдай|кейс|студентт?ің"
)
_DATUM = (
    r"\b(real name|full name|surname|last name|name of|names of|names|named|phone|number|e-?mail|address|instagram|"
    r"telegram|whatsapp|facebook|passport|iin|contact|photo|live|lives|who exactly|who was|who is|identity)\b|"
    r"имя|имена|фамили|зовут|телефон|почт|имейл|e-?mail|адрес|инстаграм|телеграм|ватсап|паспорт|иин|контакт|фото|"
    r"живет|живёт|кто такой|кто такая|кто это|личност|"
    r"аты-жөні|есімі|аты кім|атын|тегі|телефон|поштасы|мекенжай|инстаграм|телеграм|ватсап|паспорт|жсн|байланыс|сурет|"
    r"қайда тұрады|кім екен"
)
_ROLE = r"coordinator|dean|rector|consul|mentor|professor|teacher|girl|boy|guy"
_ROLE_RU = r"координатор|декан|ректор|консул|ментор|професс|препод|девочк|девушк|парн|парень"
_ROLE_KK = r"координатор|декан|ректор|консул|ментор|тәлімгер|профессор|оқытушы|қыз|жігіт"
# A single person's name or number; "How do I write an e-mail to a professor?" asks for neither.
_ONE_PERSON = (
    rf"\b(?:what(?:'s| is| was)|tell|give|need|know|have)\b[^.?!\n]{{0,20}}"
    rf"\b(?:names?|surname|(?:personal|mobile) (?:mobile )?(?:number|phone))\b[^.?!\n]{{0,30}}\b(?:{_ROLE})s?\b",
    rf"\bwho is (?:the|your|our) (?:\w+ ){{0,3}}(?:{_ROLE})\b[^.?!\n]{{0,10}}\b(?:at|of|in)\b",
    r"\b(?:prof|professor|dr|mr|mrs|ms)\.? [a-z]{3,20}\b[^.?!\n]{0,30}"
    r"\b(?:his|her|their) (?:e-?mail|phone|number|contact)",
    rf"(?:как зовут|имя|фамили\w{{1,3}}|личн\w{{2,3}} (?:номер|телефон|почт))[^.?!\n]{{0,30}}(?:{_ROLE_RU})",
    rf"(?:{_ROLE_RU})[^.?!\n]{{0,40}}(?:как зовут|\bимя\b|фамилия)",
    rf"\bкто (?:сейчас |у нас )?(?:{_ROLE_RU})",
    rf"(?:{_ROLE_KK})[^.?!\n]{{0,30}}(?:аты кім|есімі|аты-жөні|аты қандай|қазір кім|кім\?|кім екен)",
    r"(?:дайте|\bдай|скин\w{1,4}|подскажите|пришлите)\b[^.?!\n]{0,40}(?:ватсап|вацап|whatsapp|телеграм|инстаграм)",
    r"(?:ватсап|вацап|whatsapp|телеграм|инстаграм)[^.?!\n]{0,60}(?:дайте|скинь|пришлите|беріңіз|жіберіңіз)",
    r"\b(?:номер|телефон|почт|контакт|фио)\w{0,3}\b[^.?!\n]{0,30}\w(?:овн|евн|ович|евич)\w{0,2}\b",
    r"\bфио\b[^.?!\n]{0,40}(?:сотрудник|специалист|консул|координатор)",
    r"\b(?:send|give|share)\b[^.?!\n]{0,20}\b(?:whatsapp|telegram|instagram)\b",
)
_TASK = (
    r"\b(write|compose|draft|generate|make)\b( \w+){0,3} "
    r"\b(my|me|an?|the)\b[^.?!\n]{0,30}\b(essay|poem|code|script|letter|homework|thesis|song|story|joke)\b",
    r"\b(solve|translate|calculate|do) (this|my|the following)\b",
    r"(напиши|сочини|сгенерируй|придумай)[^.?!\n]{0,40}(эссе|стих|код|письмо|сочинение|диплом|курсов|реферат|песн|шутк|рассказ|анекдот)",
    r"(реши|переведи|посчитай)[^.?!\n]{0,20}(задач|текст|пример|уравнен)",
    r"(эссе|өлең|код|хат|шығарма|диплом|реферат|жұмыс|ән|әзіл|әңгіме)\w{0,4}[^.?!\n]{0,20}"
    r"(жазып бер|жазып жібер|жаза сал|құрастырып бер|шығарып бер)",
    r"(есеп|мәтін)\w{0,4}[^.?!\n]{0,20}(шығарып бер|аударып бер)",
)
_EVERYDAY = (
    r"\b(weather|forecast|horoscope|bitcoin|recipe|football score)\b",
    r"(погод[аеуы]|прогноз погоды|гороскоп|биткоин|биткойн|рецепт (плова|борща|блюда))",
    r"(ауа рай|жұлдызнама|жұлдыз жорамал|биткоин)",
)
_INSTRUCTIONS = tuple(re.compile(pattern) for pattern in _INSTRUCTION)
_TASKS = tuple(re.compile(pattern) for pattern in (*_TASK, *_EVERYDAY))
_ONE_PERSONS = tuple(re.compile(pattern) for pattern in _ONE_PERSON)
_PERSONS, _DATA = re.compile(_PERSON), re.compile(_DATUM)


def refusal(question: str) -> Reason | None:
    """Return why ``question`` is refused, or None if it may be answered."""
    text = unicodedata.normalize("NFKC", question).casefold()
    if any(pattern.search(text) for pattern in _INSTRUCTIONS):
        return Reason.INSTRUCTION
    if (_PERSONS.search(text) and _DATA.search(text)) or any(pattern.search(text) for pattern in _ONE_PERSONS):
        return Reason.PERSONAL_DATA
    if any(pattern.search(text) for pattern in _TASKS):
        return Reason.OUT_OF_SCOPE
    return None
