"""Datasets on disk: what is refused, what is called a fault, and which texts answer a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Dataset, Turn, Unit, read_cases, read_dataset
from eval.corpus import qrels_of, units_of
from eval.errors import EvalError
from eval.validation import validate

VISA = {"_id": "visa", "title": "Visa", "text": "The visa costs 80 euros. Apply at the consulate.", "lang": "en"}
VIZA = {"_id": "viza", "title": "Виза", "text": "Виза стоит 80 евро.", "lang": "ru"}


def line(**changes: object) -> dict[str, Any]:
    """Return a right case as plain data, with changes."""
    data: dict[str, Any] = {
        "id": "a", "lang": "en", "question": "What does the visa cost?", "answerability": "answerable",
        "gold_doc_ids": ["visa"], "gold_quotes": ["80 euros"],
    }  # fmt: skip
    return data | changes


def write(folder: Path, *cases: object, corpus: tuple[object, ...] | None = (VISA, VIZA), qrels: str = "") -> Path:
    """Write a dataset and return its folder; a string is written as it is."""
    texts = {"cases.jsonl": cases} | ({} if corpus is None else {"corpus.jsonl": corpus})
    for name, rows in texts.items():
        told = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / name).write_text(told, encoding="utf-8")
    if qrels:
        (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return folder


def faults(folder: Path, *cases: object) -> list[str]:
    """Return what validation says of cases."""
    dataset = read_dataset(write(folder, *cases))
    return [str(each) for each in validate(dataset, units_of(dataset, Path("no knowledge base")))]


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ((line(), "{"), r"cases\.jsonl:2: not JSON"),
        (("", "[]"), r"cases\.jsonl:2: list, not an object"),
        ((line(), line(id="b", colour="red")), r"cases\.jsonl:2: colour: .*known fields: id, lang, question"),
        ((line(id="b"), line(), line()), r"cases\.jsonl:3: the id 'a' stands in line 2"),
        ((line(lang="de"),), r"cases\.jsonl:1: lang: .*'de'"),
        ((line(question=""),), r"cases\.jsonl:1: question"),
        ((line(answerability="perhaps"),), r"cases\.jsonl:1: answerability: .*'perhaps'"),
        ((line(nuggets=[{"text": "x", "any_of": []}]),), r"cases\.jsonl:1: nuggets\.0\.any_of"),
        ((), r"cases\.jsonl' holds no case"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, cases: tuple[object, ...], said: str) -> None:
    """A broken line is refused with its file, its number and its field."""
    with pytest.raises(EvalError, match=said):
        read_dataset(write(tmp_path, *cases))


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        ((VISA, VISA), r"corpus\.jsonl:2: the id 'visa' comes twice"),
        ((VISA, {"_id": "b"}), r"corpus\.jsonl:2: no field 'text'"),
        (({"text": "b"},), r"corpus\.jsonl:1: no field '_id'"),
        (("{",), r"corpus\.jsonl:1: not JSON"),
    ],
)
def test_a_line_that_is_no_text_is_named(tmp_path: Path, corpus: tuple[object, ...], said: str) -> None:
    """A broken text of the corpus is refused with its file and its number."""
    with pytest.raises(EvalError, match=said):
        read_dataset(write(tmp_path, line(), corpus=corpus))


@pytest.mark.parametrize("row", ["a\tvisa", "a\tvisa\tmuch", "a visa 1", ""])
def test_a_row_that_is_no_judgement_is_named(tmp_path: Path, row: str) -> None:
    """A row of qrels.tsv without three columns, or without a number, is refused with its number."""
    folder = write(tmp_path, line(), qrels=f"query-id\tcorpus-id\tscore\na\tvisa\t1\n{row}\n")
    with pytest.raises(EvalError, match=r"qrels\.tsv:3: .* is not query-id, corpus-id, score"):
        read_dataset(folder)


def test_judgements_without_texts_are_refused(tmp_path: Path) -> None:
    """Judgements of texts that are not there mean nothing."""
    with pytest.raises(EvalError, match=r"qrels\.tsv but no corpus\.jsonl"):
        read_dataset(write(tmp_path, line(), corpus=None, qrels="query-id\tcorpus-id\tscore\n"))


@pytest.mark.parametrize("name", ["cases.jsonl", "corpus.jsonl", "qrels.tsv"])
def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path, name: str) -> None:
    """Bytes that are no text are refused with the file's name, whichever file it is."""
    write(tmp_path, line(), qrels="query-id\tcorpus-id\tscore\na\tvisa\t1\n")
    (tmp_path / name).write_bytes(b"\xff\xfe\n\xff\xfe\n")
    with pytest.raises(EvalError, match=name):
        read_dataset(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A folder without cases is refused."""
    with pytest.raises(EvalError, match=r"cases\.jsonl"):
        read_cases(tmp_path / "cases.jsonl")


def test_what_stands_in_the_files_is_read(tmp_path: Path) -> None:
    """Cases, texts and judgements come as they were written; judgements of strange cases are left out."""
    qrels = "query-id\tcorpus-id\tscore\na\tvisa\t2\na\tviza\t0\nb\tvisa\t1\n"
    dataset = read_dataset(write(tmp_path, line(history=[{"role": "user", "content": "hi"}]), qrels=qrels))
    assert [case.id for case in dataset.cases] == ["a"]
    assert dataset.cases[0].earlier == ("hi",)
    assert [(unit.id, unit.title, unit.language) for unit in dataset.corpus or ()] == [
        ("visa", "Visa", "en"), ("viza", "Виза", "ru"),
    ]  # fmt: skip
    assert dataset.qrels == {"a": {"visa": 2, "viza": 0}}


def test_a_scenario_is_typed_before_its_question() -> None:
    """A scenario's dialogue holds no earlier questions; without a scenario the user's turns are."""
    turns = (Turn(role="user", content="first"), Turn(role="assistant", content="reply"))
    plain = Case(id="a", lang="en", question="q?", answerability="answerable", history=turns)
    told = plain.model_copy(update={"scenario": "I am ill."})
    assert (plain.asked, plain.earlier) == ("q?", ("first",))
    assert (told.asked, told.earlier) == ("I am ill. q?", ())


def test_a_clean_set_has_no_fault(tmp_path: Path) -> None:
    """Nothing is said of labels that hold."""
    nugget = {"text": "price", "any_of": ["ninety", "80 EUROS"]}
    russian = line(id="b", lang="ru", question="Сколько стоит виза?", gold_doc_ids=["viza"], gold_quotes=["80 евро"])
    silent = line(id="c", question="Is there a dog?", answerability="unanswerable", gold_doc_ids=[], gold_quotes=[])
    assert faults(tmp_path, line(cluster="x", nuggets=[nugget]), russian, silent | {"cluster": "x"}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gold_quotes": ["80 Euros"]}, "cases.jsonl:2: b: gold quote '80 Euros' stands in none"),
        ({"gold_quotes": ["80 евро"]}, "cases.jsonl:2: b: gold quote '80 евро' stands in none"),
        ({"gold_doc_ids": ["visa", "gone"]}, "cases.jsonl:2: b: gold document 'gone' is not in the corpus"),
        ({"gold_doc_ids_other_language": ["gone"]}, "cases.jsonl:2: b: gold document 'gone' is not in the corpus"),
        ({"gold_doc_ids": [], "gold_quotes": []}, "cases.jsonl:2: b: answerable, but no gold document"),
        ({"answerability": "unanswerable"}, "cases.jsonl:2: b: unanswerable, but it names gold documents"),
        ({"answerability": "unanswerable", "gold_quotes": []}, "cases.jsonl:2: b: unanswerable, but it names gold"),
        ({"answerability": "out_of_scope", "gold_quotes": []}, "cases.jsonl:2: b: out_of_scope, but it names gold"),
        ({"question": "Сколько стоит виза?"}, "cases.jsonl:2: b: the question reads as 'ru', not 'en'"),
        ({"cluster": "x", "split": "test"}, "cases.jsonl:2: b: cluster 'x' is in both splits"),
        ({"nuggets": [{"text": "price", "any_of": ["90"]}]}, "cases.jsonl:2: b: nugget 'price': none of its strings"),
    ],
)
def test_a_wrong_label_is_a_fault(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    """Each wrong label is told once, with the line and the id of its case."""
    found = faults(tmp_path, line(cluster="x"), line(id="b") | changes)
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize("tag", ["latin", "mixed"])
def test_a_question_in_other_letters_may_be_tagged(tmp_path: Path, tag: str) -> None:
    """The language of such a question cannot be told by its letters, so that it is not."""
    latin = line(lang="ru", question="What does the visa cost?", gold_doc_ids=["viza"], gold_quotes=["80 евро"])
    assert len(faults(tmp_path, latin)) == 1
    assert faults(tmp_path, latin | {"tags": [tag]}) == []


def test_the_sections_that_hold_the_gold_quote_are_relevant() -> None:
    """Without judgements a text is relevant if it holds a gold quote, or all of the gold document without quotes."""
    kinds = ({}, {"id": "b", "gold_quotes": []}, {"id": "c", "gold_doc_ids": [], "gold_quotes": []})
    cases = [Case.model_validate(line(**each)) for each in kinds]
    units = [
        Unit("visa#0", "visa", "en", "", "80 euros"),
        Unit("visa#1", "visa", "en", "", "other"),
        Unit("dorm#0", "dorm", "en", "", "80 euros"),
    ]
    assert qrels_of(cases, units, None) == {"a": {"visa#0": 1}, "b": {"visa#0": 1, "visa#1": 1}}


def test_given_judgements_are_kept_where_something_is_relevant() -> None:
    """A case whose texts were all judged irrelevant counts as one that nothing answers."""
    units = tuple(Unit(name, name, "en", "", name) for name in "xy")
    cases = [Case(id=name, lang="en", question="q", answerability="answerable") for name in "ab"]
    given = {"a": {"x": 1, "y": 0}, "b": {"x": 0}, "not asked": {"x": 1}}
    assert qrels_of(cases, units, given) == {"a": {"x": 1, "y": 0}}
    with pytest.raises(EvalError, match=r"'a' judges 'z', which is not in corpus\.jsonl"):
        qrels_of((), units, {"a": {"z": 1}})


def test_a_missing_knowledge_base_is_told(tmp_path: Path) -> None:
    """A dataset without texts of its own needs the knowledge base."""
    dataset = Dataset(tmp_path, (), None, None)
    with pytest.raises(EvalError, match=r"no corpus\.jsonl, so it asks about the knowledge base"):
        units_of(dataset, tmp_path / "gone")
