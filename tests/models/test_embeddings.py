"""Embeddings from an endpoint: over real HTTP, well and in every way in which it can fail."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from embedding_server import BEHAVIOURS, EmbeddingServer, embedding
from fakes import document
from pydantic import SecretStr

from assistant.errors import ModelError
from assistant.knowledge.embedding import Embedder
from assistant.knowledge.index import in_memory
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.models.embeddings import QUESTIONS, EndpointEmbedder, Limits, identity, is_same
from assistant.models.endpoint import Endpoint
from assistant.types import LANGUAGES

KEY = "sk-secret-123"
SECRET = "квокка-9"
SHORT = Limits(connect=1.0, seconds=0.6)
LONG = Limits(seconds=20)
"""Where nothing shall be late, however busy the machine is."""
FAULTS = {
    "500": "fails", "503": "fails", "429": "is asked too often", "401": "refuses the key", "400": "does not take",
    "redirect": "gives no proper vectors", "hang": "in time", "drip": "in time", "longer": "another length",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """Return a server that runs as long as the test."""
    with embedding() as running:
        yield running


def embedder(
    server: EmbeddingServer, limits: Limits = LONG, *, dimension: int = 48, seconds: list[float] | None = None
) -> EndpointEmbedder:
    """Return the embedder at a server; ``seconds`` is the clock of its breaker."""
    now = seconds if seconds is not None else [0.0]
    return EndpointEmbedder(
        Endpoint("openai", "words", server.url), SecretStr(KEY), name="words-1", languages=frozenset(LANGUAGES),
        dimension=dimension, limits=limits, clock=lambda: now[0],
    )  # fmt: skip


def test_texts_become_unit_vectors_in_their_order(server: EmbeddingServer) -> None:
    """Each text has the vector that the server gives it, of unit length, however many batches it takes."""
    made = embedder(server)
    assert isinstance(made, Embedder)
    texts = [f"слово{place} сөз word" for place in range(150)]
    vectors = np.array(made.embed_documents(texts))
    wanted = np.array([server.vector(text) for text in texts])
    np.testing.assert_allclose(vectors, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-9)
    np.testing.assert_allclose(made.embed_query(texts[3]), vectors[3], atol=1e-9)
    assert [len(body["input"]) for _, _, body in server.asked] == [64, 64, 22, 1]
    assert server.texts == [*texts, texts[3]]


def test_strings_and_no_tokens_are_sent_with_the_key(server: EmbeddingServer) -> None:
    """The request is the plain one that every compatible server knows."""
    embedder(server).embed_query("Какой балл?")
    [(path, headers, body)] = server.asked
    assert path == "/v1/embeddings"
    assert body == {"model": "words", "input": ["Какой балл?"], "encoding_format": "float"}
    assert headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_fault_is_told_in_time(server: EmbeddingServer, behaviour: str, caplog: pytest.LogCaptureFixture) -> None:
    """A failing endpoint is a ModelError within the time; neither texts nor key stand in it, nor in any log."""
    caplog.set_level(logging.DEBUG)
    server.behaviour = behaviour
    limits = SHORT if behaviour in {"hang", "drip"} else LONG
    made = embedder(server, limits)
    begun = time.monotonic()
    with pytest.raises(ModelError, match=FAULTS.get(behaviour, "gives no proper vectors")) as caught:
        made.embed_documents([f"Я {SECRET}", "two"])
    assert time.monotonic() - begun < limits.seconds + 2
    told = "".join(traceback.format_exception(caught.value)) + repr(made) + caplog.text
    assert SECRET not in told
    assert KEY not in told
    assert server.url.split("/")[2] in str(caught.value)


def test_an_endpoint_that_is_not_there_is_told(server: EmbeddingServer) -> None:
    """Nobody listens: that is known at once."""
    made = EndpointEmbedder(
        Endpoint("openai", "words", "http://127.0.0.1:9/v1"), None, name="n", languages=frozenset({"en"}), dimension=0,
        limits=SHORT,
    )  # fmt: skip
    with pytest.raises(ModelError, match="cannot be reached"):
        made.embed_query("text")


def test_not_every_question_waits_for_a_dead_endpoint(server: EmbeddingServer) -> None:
    """After a failure the endpoint is left alone for half a minute, then one question tries."""
    seconds = [0.0]
    made = embedder(server, replace(SHORT, seconds=3.0), seconds=seconds)
    server.behaviour = "hang"
    with pytest.raises(ModelError, match="in time"):
        made.embed_query("one")
    begun = time.monotonic()
    for place in range(20):
        with pytest.raises(ModelError, match="left alone"):
            made.embed_query(f"question {place}")
    assert time.monotonic() - begun < 3.0
    assert len(server.asked) == 1
    server.behaviour, seconds[0] = "", 31.0
    assert len(made.embed_query("one")) == 48
    assert len(made.embed_query("another")) == 48


@pytest.mark.parametrize("behaviour", ["500", "429", "503"])
def test_building_tries_again(server: EmbeddingServer, behaviour: str) -> None:
    """What may pass is tried again while an index is built; questions are not."""
    server.behaviour = behaviour
    with pytest.raises(ModelError):
        embedder(server, replace(LONG, tries=3, pause=0.01)).embed_query("text")
    assert len(server.asked) == 3
    with pytest.raises(ModelError):
        embedder(server, replace(QUESTIONS, seconds=20.0)).embed_query("text")
    assert len(server.asked) == 4


def test_what_will_not_pass_is_not_tried_again(server: EmbeddingServer) -> None:
    """A refused key stays refused."""
    server.behaviour = "401"
    with pytest.raises(ModelError):
        embedder(server, replace(LONG, tries=3, pause=0.01)).embed_query("text")
    assert len(server.asked) == 1


def test_a_question_is_sent_once_and_masked(server: EmbeddingServer) -> None:
    """One reply needs its vector several times; what identifies a person is taken out before it is sent."""
    made = EndpointEmbedder(
        Endpoint("openai", "words", server.url), None, name="n", languages=frozenset({"en"}), dimension=0,
        limits=LONG, mask=lambda text: text.replace(SECRET, "[name]"),
    )  # fmt: skip
    assert made.embed_query(f"I am {SECRET}") == made.embed_query(f"I am {SECRET}")
    assert server.texts == ["I am [name]"]
    assert SECRET.encode() not in str(vars(made)).encode()


def test_a_model_is_known_by_its_address_its_length_and_its_vectors() -> None:
    """Another host, name, dimension or model behind the same name is another identity; noise in the last digits is not."""
    here = Endpoint("openai", "org/model:1", "http://127.0.0.1:1/v1")
    one, other = [0.6, 0.8], [0.8, 0.6]
    names = {
        identity(here, one),
        identity(here, other),
        identity(here, [0.6, 0.8, 0.0]),
        identity(replace(here, url="http://127.0.0.1:2/v1"), one),
        identity(replace(here, model="other"), one),
    }
    assert len(names) == 5
    assert identity(here, one).startswith("org_model_1-")
    assert is_same(one, [0.600001, 0.799999])
    assert not is_same(one, other)
    assert not is_same(one, [1.0])


def test_a_search_goes_on_without_the_endpoint(server: EmbeddingServer, caplog: pytest.LogCaptureFixture) -> None:
    """With it, an index has the meaning of all three languages; while it hangs, words alone are searched, in time."""
    documents = [
        document("a", "Балл IELTS не ниже 5,5.", "Общежитие стоит 200 евро.", language="ru"),
        document("b", "IELTS кемінде 5,5 балл.", language="kk"),
    ]
    made = embedder(server, replace(SHORT, seconds=3.0))
    index = in_memory(documents, made)
    assert len(index.matrix) == index.offsets[-1] > 0
    query = Query(text="Какой балл IELTS нужен?", language="ru", reader="ru")
    found = search(index, query)
    assert "section_cosine" in found[0].hit.signals
    server.behaviour = "hang"
    begun = time.monotonic()
    for word in ("сколько", "когда"):
        words = search(index, replace(query, text=f"{query.text} {word}"))
        assert words[0].hit.passage.document == "a"
        assert "section_cosine" not in words[0].hit.signals
    assert time.monotonic() - begun < 3.0 + 2
    assert "searched by its words only" in caplog.text
    assert "IELTS" not in caplog.text
