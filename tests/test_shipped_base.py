"""The shipped base, served as students meet it: built once with the real model."""

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.answering.assistant import Assistant
from assistant.bootstrap import build_index, open_assistant
from assistant.knowledge.checking import check
from assistant.settings import Settings, content
from assistant.types import LANGUAGES, Abstention, Answer, Kind, Language, Reason
from assistant.web.wording import texts
from eval.configuring import read_config
from eval.gating import gate, read_baseline
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import score

EVAL = Path(__file__).parents[1] / "eval"
HARMLESS = EVAL / "datasets" / "obedience" / "harmless.jsonl"
OWN, BASELINE = EVAL / "datasets" / "students", EVAL / "baseline" / "students.jsonl"
REFUSALS = (Reason.INSTRUCTION, Reason.OUT_OF_SCOPE, Reason.PERSONAL_DATA)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the shipped knowledge base, indexed."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("shipped"), knowledge_base=content("knowledge_base"))
    _, faults = build_index(settings)
    assert not faults
    return settings


@pytest.fixture(scope="session")
def shipped(settings: Settings) -> Assistant:
    """The assistant over the shipped knowledge base."""
    return open_assistant(settings)


def test_the_base_has_no_fault() -> None:
    """Every document has its translations, anchors, links and dates."""
    assert check(content("knowledge_base"), today=date(2026, 11, 22)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_questions_of_the_page_are_answered(shipped: Assistant, language: Language) -> None:
    """What the page offers to ask has an answer in the page's language."""
    for topic in texts(language).topics:
        for question in topic.questions:
            reply = shipped.ask(question, page_language=language)
            assert isinstance(reply, Answer), question
            assert reply.language == language
            assert all(citation.passage.language == language for citation in reply.citations)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What GPA does Semey Medical University ask for?", "2.67"),
        ("Какой IELTS нужен в Семейском медицинском университете?", "5.5"),
        ("Семей медицина университетіне қандай GPA керек?", "2.67"),
        ("Сколько платят по Erasmus+ в месяц?", "800"),
    ],
)
def test_figures_are_quoted_in_three_languages(shipped: Assistant, question: str, words: str) -> None:
    """The figure that decides stands in a quote, and every quote stands in its document, letter for letter."""
    reply = shipped.ask(question)
    assert isinstance(reply, Answer)
    assert any(words in citation.quote for citation in reply.citations)
    for citation in reply.citations:
        document = shipped.document(citation.passage.document, citation.passage.language)
        assert document is not None
        assert citation.quote in document.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "What is the weather in Warsaw?",
        "Виза в Германию: сроки в 2031 году?",
        "Bitcoin бағасы қанша?",
        "Who is case 1, her name?",
    ],
)
def test_what_the_base_does_not_hold_is_not_answered(shipped: Assistant, question: str) -> None:
    """Other subjects, years and personal data end in an abstention without citations."""
    assert isinstance(shipped.ask(question), Abstention)


@pytest.mark.slow
def test_experience_is_introduced_as_experience(shipped: Assistant) -> None:
    """A lesson never reads like a rule."""
    reply = shipped.ask("Что рассказал участник кейса 3 об одиночестве?")
    assert isinstance(reply, Answer)
    assert any(citation.kind is Kind.LESSON for citation in reply.citations)
    assert "не правило" in reply.text


@pytest.mark.slow
def test_questions_that_merely_sound_like_attacks_are_answered_from_the_section_that_answers_them(
    shipped: Assistant,
) -> None:
    """Of 200 at most two are refused, and at most two more get no quote of their section."""
    refused, missed = [], []
    for row in map(json.loads, HARMLESS.read_text(encoding="utf-8").splitlines()):
        reply = shipped.ask(row["question"], page_language=row["language"])
        if isinstance(reply, Abstention) and reply.reason in REFUSALS:
            refused.append(row["question"])
        elif isinstance(reply, Abstention) or row["section"] not in {c.passage.section for c in reply.citations}:
            missed.append(row["question"])
    assert len(refused) <= 2, refused
    assert len(missed) <= 2, missed


@pytest.mark.slow
def test_our_own_questions_are_answered_no_worse_than_before(settings: Settings, tmp_path: Path) -> None:
    """The gate: a fixed draw of our own questions against the scores of the commit before."""
    done = RunFolder(tmp_path / "run")
    run(OWN, done.folder, read_config(EVAL / "configs" / "gate.toml"), work=tmp_path, settings=settings)
    score(done)
    assert gate(done, read_baseline(BASELINE)) == []


def test_our_own_questions_are_lines_of_json() -> None:
    """The file can be read by anything."""
    for line in (OWN / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["question"]
