"""A small base in three languages, and a scripted model good enough to put it into words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from model_server import Messages, Reply

from assistant.types import Language

_HEAD = """---
title: "{title}"
kind: regulation
institution: {institution}
country: KZ
source_title: "{source}"
source_url: https://example.org/rules
source_date: 2025
reviewed_on: 2026-01-10
review_by: 2099-01-10
confidence: official
---
## {apply} {{#apply}}

{applying}

## {needed} {{#needed}}

{needs}
"""

SECTIONS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Rules of the exchange", "institution": "Test University", "source": "Rules of mobility",
        "apply": "How do I apply for the exchange?",
        "applying": "Students apply for the exchange between 1 March and 15 April. The application goes to the "
        "international office by e-mail. A motivation letter of at most 500 words is required. An interview is not "
        "required.",
        "needed": "Which scores does the exchange ask for?",
        "needs": "The exchange asks for a GPA of at least 2.67. The IELTS score must be at least 5.5.",
    },
    "ru": {
        "title": "Правила обмена", "institution": "Тестовый университет", "source": "Правила мобильности",
        "apply": "Как подать заявку на обмен?",
        "applying": "Студенты подают заявку на обмен с 1 марта по 15 апреля. Заявку отправляют в международный отдел "
        "по электронной почте. Требуется мотивационное письмо не длиннее 500 слов. Собеседование не требуется.",
        "needed": "Какие баллы нужны для обмена?",
        "needs": "Для обмена нужен GPA не ниже 2,67. Балл IELTS должен быть не ниже 5,5.",
    },
    "kk": {
        "title": "Алмасу ережелері", "institution": "Тест университеті", "source": "Ұтқырлық ережелері",
        "apply": "Алмасуға өтінімді қалай беремін?",
        "applying": "Студенттер алмасуға өтінімді 1 наурыздан 15 сәуірге дейін береді. Өтінім халықаралық бөлімге "
        "электрондық поштамен жіберіледі. Көлемі 500 сөзден аспайтын мотивациялық хат талап етіледі. Әңгімелесу талап "
        "етілмейді.",
        "needed": "Алмасуға қандай балл керек?",
        "needs": "Алмасу үшін GPA кемінде 2,67 болуы керек. IELTS балы кемінде 5,5 болуы тиіс.",
    },
}  # fmt: skip

QUESTIONS: dict[Language, str] = {language: each["apply"] for language, each in SECTIONS.items()}

PARAPHRASES: dict[Language, dict[str, str]] = {
    "en": {
        "Students apply for the exchange between 1 March and 15 April.":
            "You apply for the exchange between 1 March and 15 April",
        "The application goes to the international office by e-mail.":
            "Your application goes by e-mail to the international office",
        "A motivation letter of at most 500 words is required.":
            "For it a motivation letter of at most 500 words is required",
        "An interview is not required.": "For this an interview is not required",
    },
    "ru": {
        "Студенты подают заявку на обмен с 1 марта по 15 апреля.":
            "Вы подаёте заявку на обмен с 1 марта по 15 апреля",
        "Заявку отправляют в международный отдел по электронной почте.":
            "Свою заявку отправляют в международный отдел по электронной почте",
        "Требуется мотивационное письмо не длиннее 500 слов.":
            "Вам требуется мотивационное письмо не длиннее 500 слов",
        "Собеседование не требуется.": "При этом собеседование не требуется",
    },
    "kk": {
        "Студенттер алмасуға өтінімді 1 наурыздан 15 сәуірге дейін береді.":
            "Сіз алмасуға өтінімді 1 наурыздан 15 сәуірге дейін бересіз",
        "Өтінім халықаралық бөлімге электрондық поштамен жіберіледі.":
            "Өтінім электрондық поштамен халықаралық бөлімге жіберіледі",
        "Көлемі 500 сөзден аспайтын мотивациялық хат талап етіледі.":
            "Мотивациялық хат талап етіледі, көлемі 500 сөзден аспайды",
        "Әңгімелесу талап етілмейді.": "Бұл үшін әңгімелесу талап етілмейді",
    },
}  # fmt: skip
"""What the model makes of the sentences that it knows, without full stops."""

_SECTION = re.compile(r"^\[(\d{1,2})\] [^\n]*\n((?:[^\n]+\n?)+)", re.MULTILINE)


def write_fluent_base(folder: Path) -> Path:
    """Return ``folder`` after writing the base to it."""
    place = folder / "regulations"
    place.mkdir(parents=True, exist_ok=True)
    for language, values in SECTIONS.items():
        (place / f"exchange.{language}.md").write_text(_HEAD.format(**values), encoding="utf-8")
    return folder


def sentences_of(messages: Messages) -> Iterator[str]:
    """Yield a paraphrase, with its mark, of every sentence of the numbered sections that the model knows."""
    known = {said: words for each in PARAPHRASES.values() for said, words in each.items()}
    for number, body in _SECTION.findall(messages[-1]["content"]):
        for said, words in known.items():
            if said in body:
                yield f"{words} [{number}]."


def paraphrasing(*, seconds_per_word: float = 0.0, wait: Callable[[float], object] = time.sleep) -> Reply:
    """Return a model that writes its paraphrases word by word, with a pause before each."""

    def reply(messages: Messages) -> Iterator[str]:
        for word in " ".join(sentences_of(messages)).split(" "):
            if seconds_per_word:
                wait(seconds_per_word)
            yield f"{word} "

    return reply
