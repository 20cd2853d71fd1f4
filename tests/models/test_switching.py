"""From one embedding model to another: the old index answers until the new one is whole, and their vectors never meet."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from embedding_server import EmbeddingServer, embedding
from fakes import RealIndex, write_base
from tiny_models import embedding_model

from assistant.bootstrap import ServingIndex, build_index, embedding_told, model_files, question_embedder
from assistant.bootstrap.building import _build_here
from assistant.errors import IndexMissing, ModelError, SettingError
from assistant.knowledge.index import Index
from assistant.knowledge.progress import no_progress
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.settings import Settings, load_settings
from assistant.types import LANGUAGES

QUESTION = Query(text="Алмасуға қандай GPA керек?", language="kk", reader="kk")


@dataclass(frozen=True, slots=True)
class Place:
    """A base with an index by model A, and a model B beside it."""

    first: Settings
    second: Settings


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place with an index by model A."""
    folder = tmp_path_factory.mktemp("switching")
    base = write_base(folder / "base")
    prompts = {"query": "query: ", "passage": "passage: "}
    one = embedding_model(folder / "a", prompts=prompts, seed=1)
    other = embedding_model(folder / "b", dimension=24, seed=2)
    first = load_settings(knowledge_base=base, data_dir=folder / "data", embedding_model=str(one))
    build_here(first)
    return Place(first, first.model_copy(update={"embedding_model": str(other)}))


@pytest.fixture
def place(built: Place, tmp_path: Path) -> Place:
    """Return a copy that a test may change."""
    shutil.copytree(built.first.data_dir, tmp_path / "data")
    update = {"data_dir": tmp_path / "data"}
    return Place(built.first.model_copy(update=update), built.second.model_copy(update=update))


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """Return an endpoint that runs as long as the test."""
    with embedding() as running:
        yield running


def at(server: EmbeddingServer, settings: Settings) -> Settings:
    """Return settings with an endpoint."""
    return settings.model_copy(update={"embedding_model": "openai:words", "embedding_base_url": server.url})


def build_here(settings: Settings) -> str:
    """Build in this process; return the name of what serves then."""
    return _build_here(settings, rebuild=False, progress=no_progress)[0].generation


def read_by(index: Index) -> str:
    """Return which model reads the questions, after making sure that its vectors are those of the index."""
    assert index.embedder is not None
    vector = np.array(index.embedder.embed_query(QUESTION.text))
    assert vector.shape == (index.matrix.shape[1],)
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-4)
    found = search(index, QUESTION)[0]
    assert found.hit.passage.section == "regulations/exchange#gpa"
    assert "section_cosine" in found.hit.signals
    rows = [row for row, each in enumerate(index.rows) if each.language == "kk"]
    passage = index.shelf.read(index.rows[rows[0]])[0]
    text = "\n".join([*passage.context, passage.heading, passage.text]).strip()
    again = np.array(index.embedder.embed_documents([text])[0])
    assert float(again @ index.matrix[index.offsets[rows[0]]]) > 0.999
    return index.embedder.name


@pytest.mark.slow
def test_the_old_index_serves_while_the_new_one_is_built(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Neither who runs with the old setting nor who has started with the new one waits; both then read with B."""
    old, new = model_files(place.first).name, model_files(place.second).name
    serving = [ServingIndex(place.first), ServingIndex(place.second)]
    assert [read_by(each()) for each in serving] == [old, old]
    assert "until `assistant index` has built another, that one reads" in caplog.text
    building = threading.Thread(target=build_index, args=(place.second,))
    building.start()
    seen: list[list[str]] = []
    while building.is_alive():
        seen.append([read_by(each()) for each in serving])
    building.join()
    assert seen[0] == [old, old]
    assert {name for names in seen for name in names} <= {old, new}
    indexes = [each() for each in serving]
    assert [read_by(each) for each in indexes] == [new, new]
    assert {each.matrix.shape[1] for each in indexes} == {24}
    assert all(not each.degraded for each in indexes)


@pytest.mark.slow
def test_a_model_that_is_gone_leaves_the_words(place: Place, built: Place, caplog: pytest.LogCaptureFixture) -> None:
    """If the model of the index that serves cannot be found again, questions are searched by words until the new one."""
    name = model_files(place.first).name
    (place.first.data_dir / "models" / name / "source.json").unlink()
    index = ServingIndex(place.second)()
    assert index.embedder is None
    assert "searched by their words only" in caplog.text
    found = search(index, QUESTION)[0]
    assert found.hit.passage.section == "regulations/exchange#gpa"
    assert "section_cosine" not in found.hit.signals


@pytest.mark.slow
def test_wider_languages_make_another_index(place: Place) -> None:
    """The same model for fewer or more languages has other rows, so it is another generation; each fits its embedder."""
    two = place.first.model_copy(update={"embedding_languages": ("en", "ru")})
    generation = build_here(two)
    index = ServingIndex(two)()
    assert index.embedder is not None
    assert index.embedder.languages == {"en", "ru"}
    assert len(index.matrix) == index.offsets[-1]
    assert build_here(place.first) != generation
    wider = ServingIndex(place.first)()
    assert len(wider.matrix) == wider.offsets[-1] > len(index.matrix)
    assert read_by(wider) == model_files(place.first).name


@pytest.mark.slow
def test_an_endpoint_takes_over_and_is_found_again(place: Place, server: EmbeddingServer) -> None:
    """Until something was built with it the old model reads; then it does, in all languages, also after a restart."""
    settings = at(server, place.first)
    before = ServingIndex(settings)
    assert read_by(before()) == model_files(place.first).name
    assert server.asked == []
    build_here(settings)
    name = read_by(before())
    assert name.startswith("words-")
    sent = len(server.asked)
    again = ServingIndex(settings)()
    assert len(server.asked) == sent
    assert read_by(again) == name
    assert again.embedder is not None
    assert again.embedder.languages == frozenset(LANGUAGES)
    sent = len(server.asked)
    build_here(settings)
    assert len(server.asked) == sent + 1, "a build with nothing new asks for one vector, by which it knows the model"


@pytest.mark.slow
def test_an_endpoint_that_is_configured_no_more_is_not_asked(place: Place, server: EmbeddingServer) -> None:
    """Whoever goes back to a model on this machine sends nothing away, not even until the next build."""
    build_here(at(server, place.first))
    sent = len(server.asked)
    index = ServingIndex(place.first)()
    assert index.embedder is None
    assert search(index, QUESTION)[0].hit.passage.section == "regulations/exchange#gpa"
    assert len(server.asked) == sent


@pytest.mark.slow
def test_another_model_behind_the_same_name_is_another_model(place: Place, server: EmbeddingServer) -> None:
    """When the endpoint gives other vectors of the same length, everything is embedded anew and nothing is mixed."""
    settings = at(server, place.first)
    first = build_here(settings)
    name = read_by(ServingIndex(settings)())
    server.seed = 1
    assert build_here(settings) != first
    assert read_by(ServingIndex(settings)()) != name
    server.dimension = 32
    build_here(settings)
    assert ServingIndex(settings)().matrix.shape[1] == 32


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", ["500", "too-few"])
def test_a_failing_endpoint_fails_the_build_and_nothing_else(
    place: Place, server: EmbeddingServer, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error tells which endpoint it is; the old index goes on serving, before and after."""
    monkeypatch.setattr("assistant.models.embeddings.time.sleep", lambda seconds: None)
    settings, serving = at(server, place.first), ServingIndex(place.first)
    server.behaviour = behaviour
    with pytest.raises(ModelError, match=r"'openai:words' at 127\.0\.0\.1:\d+ (fails|gives no proper vectors)"):
        build_here(settings)
    for index in (serving(), ServingIndex(settings)()):
        assert read_by(index) == model_files(place.first).name
    server.behaviour = ""
    build_here(settings)
    server.behaviour = behaviour
    (settings.knowledge_base / "notes" / f"new-{behaviour}.md").write_text("# New\n\nSomething new.", encoding="utf-8")
    with pytest.raises(ModelError):
        build_here(settings)
    server.behaviour = ""
    assert read_by(ServingIndex(settings)()).startswith("words-")


@pytest.mark.slow
def test_the_error_of_an_endpoint_comes_out_of_the_child(tmp_path: Path) -> None:
    """A build by the program itself, in its child process, ends with the same words."""
    settings = load_settings(
        knowledge_base=write_base(tmp_path / "base"), data_dir=tmp_path / "data", embedding_model="openai:words",
        embedding_base_url="http://127.0.0.1:9/v1",
    )  # fmt: skip
    with pytest.raises(ModelError, match="cannot be reached"):
        build_index(settings)
    with pytest.raises(IndexMissing):
        ServingIndex(settings)


@pytest.mark.parametrize("update", [{"embedding_base_url": None}, {"embedding_model": "openai:"}])
def test_an_endpoint_without_an_address_or_a_name_is_told(tmp_path: Path, update: dict[str, object]) -> None:
    """Nothing is sent to a place that nobody has named."""
    settings = load_settings(
        data_dir=tmp_path, embedding_model="openai:words", embedding_base_url="http://127.0.0.1:9/v1"
    )
    with pytest.raises(SettingError, match="ASSISTANT_EMBEDDING_BASE_URL must tell where"):
        question_embedder(settings.model_copy(update=update))
    with pytest.raises(ModelError, match="has no files here"):
        model_files(settings)


@pytest.mark.parametrize("masked", [True, False])
def test_what_identifies_a_person_is_masked_before_it_is_sent(
    tmp_path: Path, server: EmbeddingServer, masked: bool
) -> None:
    """An address of mail in a question does not reach the endpoint, unless the operator has switched that off."""
    settings = load_settings(
        data_dir=tmp_path, embedding_model="openai:words", embedding_base_url=server.url, llm_mask=masked
    )
    question_embedder(settings).embed_query("Моя почта aigul.s@example.kz, какой нужен GPA?")
    [text] = server.texts
    assert text.endswith(", какой нужен GPA?")
    assert ("aigul" in text) != masked


def test_an_endpoint_without_its_packages_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what is missing and how it is installed."""
    monkeypatch.delitem(sys.modules, "assistant.models.embeddings", raising=False)
    monkeypatch.setitem(sys.modules, "langchain_openai", None)
    settings = load_settings(
        data_dir=tmp_path, embedding_model="openai:words", embedding_base_url="http://127.0.0.1:9/v1"
    )
    for ask in (question_embedder, embedding_told):
        with pytest.raises(SettingError, match=r"not installed \(langchain_openai\); run: pip install .*\[llm\]"):
            ask(settings)


@pytest.mark.slow
def test_a_damaged_note_about_a_model_is_passed_over(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What is kept of the models may be lost without harm to the index that serves."""
    for note in (place.first.data_dir / "models").glob("*/source.json"):
        note.write_text('{"name": 3', encoding="utf-8")
    assert read_by(ServingIndex(place.first)()) == model_files(place.first).name
    assert ServingIndex(place.second)().embedder is None
    assert "cannot read" in caplog.text


_ASKED = """
import sys
from pathlib import Path
from assistant.bootstrap import open_assistant
from assistant.settings import load_settings
settings = load_settings(data_dir=Path(sys.argv[1]), knowledge_base=Path(sys.argv[2]))
reply = open_assistant(settings).ask("What GPA does the exchange ask for?")
assert "2.67" in reply.text, reply
new = ("openai", "langchain_openai", "langchain.", "torch", "sentence_transformers", "assistant.models")
found = sorted(name for name in sys.modules if name.startswith(new))
assert not found, found
"""


@pytest.mark.slow
def test_without_these_settings_nothing_new_is_imported(real_index: RealIndex) -> None:
    """An answer by the bundled model loads neither torch nor anything for endpoints or rerankers."""
    settings = real_index.settings
    command = [sys.executable, "-c", _ASKED, str(settings.data_dir), str(settings.knowledge_base)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
