"""The figures of verification are those of the rows, the bars of peers are set alike, and the fit keeps its signs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FakeEmbedder, document
from typer.testing import CliRunner

from assistant.answering.verification.comparing import SIGNS
from assistant.answering.verification.verifying import Acceptance
from assistant.knowledge.index import Index, in_memory
from assistant.types import LANGUAGES, Language
from eval.__main__ import app
from eval.errors import EvalError
from eval.verification import Row, gather, outcomes, read_rows, shown, table, times, versions
from eval.verification_fit import fit
from eval.verification_made import made
from eval.verification_peers import cosine, fuzzy

DATA = Path(__file__).parents[2] / "eval" / "datasets" / "verification"
TEXTS: dict[Language, tuple[str, str]] = {
    "en": (
        "Applications must reach the office by 15 April. A visa is not needed for this exchange programme.",
        "The dormitory costs 200 euros per month. You can pay the dormitory fee in the first week only.",
    ),
    "ru": (
        "Заявки должны поступить в офис до 15 апреля. Виза для этой программы обмена не нужна никому.",
        "Общежитие стоит 200 евро в месяц. Заплатить за общежитие можно только в первую неделю семестра.",
    ),
    "kk": (
        "Өтінімдер кеңсеге 15 сәуірге дейін түсуі тиіс. Бұл алмасу бағдарламасына виза қажет емес болады.",
        "Жатақхана айына 200 еуро тұрады. Жатақхана ақысын тек бірінші аптада төлеуге болады деп жазылған.",
    ),
}


@pytest.fixture(scope="module")
def index() -> Index:
    """A base of two documents in three languages."""
    documents = [
        document(f"rules{number}", text, language=language)
        for language, texts in TEXTS.items()
        for number, text in enumerate(texts)
    ]
    return in_memory(documents, FakeEmbedder(languages=frozenset({"en"})))


def rows_of(index: Index) -> tuple[Row, ...]:
    """Return quotes, which are supported, and quotes of the other section, which are not."""
    found = []
    for language in LANGUAGES:
        for number in range(2):
            for supported in (True, False):
                passage = versions(index, f"rules{number if supported else 1 - number}#s0", language)[0]
                found.append(
                    Row(
                        id=f"{language}{number}{supported}", language=language, section=f"rules{number}#s0",
                        sentence=passage.quote(passage.sentences[0]), supported=supported, kind="swapped",
                    )
                )  # fmt: skip
    return tuple(found)


def nothing(done: int, total: int) -> None:
    """Show no progress."""


def test_quotes_are_accepted_and_moved_quotes_rejected(index: Index) -> None:
    """A table over quotes says that none is rejected, and that all of other sections are."""
    rows = rows_of(index)
    found = outcomes(rows, rows, index, nothing)
    whole = next(row for row in table(found) if (row["language"], row["kind"], row["by"]) == ("all", "all", "verifier"))
    assert (whole["faithful_rejected"]["value"], whole["altered_rejected"]["value"]) == (0.0, 1.0)
    assert whole["altered_rejected"]["n"] == 6
    assert whole["altered_rejected"]["low"] < 1.0
    assert "altered_rejected 1.000" in shown(whole)
    assert times(found)["p95_ms"] >= times(found)["p50_ms"] > 0


def test_peers_reject_as_many_faithful_sentences_as_the_verifier(index: Index) -> None:
    """The bar of a peer lies where it accepts as many faithful development sentences."""
    rows = rows_of(index)
    refusing = Acceptance.shipped()
    refusing = Acceptance(refusing.models, dict.fromkeys(refusing.thresholds, 2.0))
    words = tuple(
        row.model_copy(update={"sentence": f"{row.sentence.rstrip('.')} and so on today."})
        for row in rows
        if row.language == "en"
    )
    found = outcomes(words, words, index, nothing, refusing)
    by = {
        row["by"]: row["faithful_rejected"]["value"] for row in table(found) if row["language"] == row["kind"] == "all"
    }
    assert by == {"verifier": 1.0, "fuzzy": 1.0, "cosine": 1.0}


def test_the_fuzzy_matcher_forgives_a_changed_word(index: Index) -> None:
    """What the peer is known for: a false date scores nearly as well as the true one."""
    cited = versions(index, "rules0#s0", "en")
    true, false = (f"Applications must reach the office by {day} April." for day in (15, 25))
    assert fuzzy(true, "en", cited, index) == 1.0
    assert 0.9 < fuzzy(false, "en", cited, index) < 1.0
    assert cosine(true, "en", cited, index) > cosine("Dogs bark.", "en", cited, index)


def test_made_sentences_say_what_they_are(index: Index) -> None:
    """Quotes stand in their section, and every other made sentence does not."""
    found = list(made(rows_of(index), index))
    assert {"quote", "negation", "swapped", "stitched"} <= {row.kind for row in found}
    for row in found:
        text = versions(index, row.section, row.language)[0].text
        assert (row.sentence in text) == row.supported == (row.kind == "quote")
    assert found == list(made(rows_of(index), index))


def test_a_fit_keeps_the_sense_of_every_signal(index: Index) -> None:
    """Whatever the sentences, no coefficient has the wrong sign, and the model can be read again."""
    words: dict[Language, str] = {"en": "Please note: {}", "ru": "Обратите внимание: {}", "kk": "Назар аударыңыз: {}"}
    rows = [
        row.model_copy(update={"sentence": words[row.language].format(row.sentence), "supported": not row.supported})
        for row in rows_of(index)
    ]
    data = fit(rows, index, nothing)
    for model in Acceptance.from_json(json.dumps(data)).models.values():
        assert all(c * SIGNS[name] >= 0 for name, c in zip(model.features, model.coefficients, strict=True))
    assert data["provenance"]["written"] == len(rows)


def test_a_fit_needs_several_documents(index: Index) -> None:
    """Sentences of one document cannot be cross-validated, and the message says what to give."""
    rows = [row for row in rows_of(index) if row.section == "rules0#s0"]
    free = [row.model_copy(update={"sentence": f"As we know, {row.sentence} Is it so?"}) for row in rows]
    with pytest.raises(EvalError, match="several"):
        fit(free, index, nothing)


def test_what_was_written_is_joined(tmp_path: Path) -> None:
    """Each pair becomes two rows of its split; the last version of a pair counts."""
    for language in LANGUAGES:
        about = {"id": f"{language}-1", "split": "test", "kind": "number", "section": "rules0#s0"}
        (tmp_path / f"{language}.jsonl").write_text(json.dumps(about), encoding="utf-8")
        lines = [{"id": f"{language}-1", "faithful": word, "altered": "No."} for word in ("Old.", "New.")]
        text = "\n".join(map(json.dumps, lines))
        (tmp_path / f"{language}_out.jsonl").write_text(text, encoding="utf-8")
    assert gather(tmp_path, tmp_path / "out") == {"development": 0, "test": 6}
    rows = read_rows([tmp_path / "out" / "test.jsonl"])
    assert [(row.id, row.sentence, row.supported) for row in rows[:2]] == [
        ("en-1+", "New.", True),
        ("en-1-", "No.", False),
    ]


@pytest.mark.parametrize("line", ["{", '{"id": "a"}', "[]"])
def test_a_wrong_line_is_refused(line: str, tmp_path: Path) -> None:
    """A file of another form is refused with the place where the form is told."""
    path = tmp_path / "rows.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(EvalError, match="README"):
        read_rows([path])
    with pytest.raises(EvalError, match="cannot join"):
        gather(tmp_path, tmp_path / "out")


def test_an_unknown_section_is_refused(index: Index) -> None:
    """A row that cites what the index does not hold says what to do."""
    with pytest.raises(EvalError, match="assistant index"):
        versions(index, "rules0#gone", "en")


def test_the_command_joins_without_an_index(tmp_path: Path) -> None:
    """A folder that cannot be joined ends the command with code 2."""
    result = CliRunner().invoke(app, ["verification", "--gather", str(tmp_path)])
    assert result.exit_code == 2


def test_the_sets_are_apart() -> None:
    """No section of the test sentences is one of the development sentences of its language; each has as many of each sort."""
    development, test = (read_rows([DATA / f"{name}.jsonl"]) for name in ("development", "test"))
    one, other = ({(row.section, row.language) for row in rows} for rows in (development, test))
    assert not one & other
    for rows, pairs in ((development, 340), (test, 300)):
        for language in LANGUAGES:
            own = [row for row in rows if row.language == language]
            assert [sum(row.supported is kind for row in own) for kind in (True, False)] == [pairs, pairs]
            assert len({row.id for row in own}) == 2 * pairs
