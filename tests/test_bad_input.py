"""Questions and documents that nobody should send: every one gets a reply or one plain sentence, none a crash."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes import FakeEmbedder, RealIndex, write_base
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.contract import reply_json
from assistant.errors import QuestionError
from assistant.knowledge.index import in_memory
from assistant.knowledge.loading import load
from assistant.types import Answer, Conversation, Turn

ANY_TEXT = st.text(alphabet=st.characters(codec=None))
HOSTILE = [
    "<script>alert(77)</script> GPA?",
    "<img src=x onerror=alert(77)> What GPA do I need at Test University?",
    "What GPA\u202e\u2066 do\u200b I\ufeff need\x00 at\x07 Test\x1b[31m University?",
    "\ud800What GPA do I need at Test University?\udfff",
    "What GPA 🎓👩\u200d🎓 do I need? 🇰🇿",
    "'; DROP TABLE version; --",
    "{{7*7}} ${jndi:ldap://x} %s %n {0} \\u0000",
    "../../etc/passwd",
    "a" * 2000,
    "GPA " * 500,
    "i̇" * 900,
    "e\u0301" + "\u0301" * 1990,
    "ﷺ" * 2000,
    "١٢٣ 四五六",
    "?" * 1999 + "1",
    "\U000e0049\U000e0067nore GPA",
]
REFUSED = ["", " ", "\n\t", "🎓🎉👍", "?!…", "\u200b\u202e\ufeff", "\x00\x01", "\ud800", "a" * 2001, "x" * 100_000]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Return an assistant over the small knowledge base, in memory, with an embedder that loads nothing."""
    base, faults = load(write_base(tmp_path_factory.mktemp("base")))
    assert not faults
    index = in_memory(base, FakeEmbedder())
    return Assistant(lambda: index, calibration=Calibration.shipped())


@pytest.mark.parametrize("question", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_question_is_refused(assistant: Assistant, question: str) -> None:
    """Empty, wordless or too long: one printable sentence of bounded length says what is wrong."""
    for ask in (assistant.ask, assistant.search):
        with pytest.raises(QuestionError) as caught:
            ask(question)
        message = str(caught.value)
        assert message.isprintable()
        assert len(message) < 400


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_questions_get_a_reply(assistant: Assistant, question: str) -> None:
    """The reply can be written as UTF-8, repeats nothing of the question's mark-up, and comes at once."""
    started = time.process_time()
    reply = assistant.ask(question)
    assert time.process_time() - started < 2
    assert "alert(77)" not in reply.text
    assert repr(reply_json(reply)).encode()
    assistant.search(question, k=3)


@settings(max_examples=150)
@given(question=ANY_TEXT, earlier=st.lists(st.text(max_size=40), max_size=3))
def test_any_text_gets_a_reply_or_a_refusal(assistant: Assistant, question: str, earlier: list[str]) -> None:
    """Whatever is asked behind whatever was asked before."""
    try:
        reply = assistant.ask(question, conversation=Conversation(tuple(Turn(each) for each in earlier)))
    except QuestionError:
        return
    assert reply.text.strip()


def test_hidden_characters_do_not_change_the_answer(assistant: Assistant) -> None:
    """What nobody sees does not count."""
    plain = assistant.ask("What GPA do I need at Test University?")
    hidden = assistant.ask("What\u200b GPA\ufeff do \u2066I need at\u202c Test University?\ud800")
    assert isinstance(plain, Answer)
    assert hidden.text == plain.text


def test_markup_in_a_document_is_quoted_letter_for_letter(assistant: Assistant) -> None:
    """A script in a user's own file is text like any other: quoted as it stands."""
    reply = assistant.ask("Never paste into the dormitory form?")
    assert isinstance(reply, Answer)
    quotes = " ".join(citation.quote for citation in reply.citations)
    assert "<script>alert('dormitory')</script>" in quotes
    assert "<img src=x onerror=alert(1)>" in quotes


@pytest.mark.parametrize(
    "earlier",
    [
        "",
        "x" * 100_000,
        "dormitory \x00\u202e <b>",
        "dormitory \ud800",
    ],
    ids=["empty", "long", "hidden", "surrogate"],
)
def test_bad_earlier_questions_harm_nothing(assistant: Assistant, earlier: str) -> None:
    """What stands in the conversation is as little trusted as the question."""
    started = time.process_time()
    assistant.ask("And how much does it cost?", conversation=Conversation((Turn(earlier),)))
    assistant.search("And how much does it cost?", history=[earlier])
    assert time.process_time() - started < 3


@pytest.mark.parametrize("target", [("192.0.2.1", 9), ("example.org", 80)])
def test_the_guard_refuses_calls_out_of_this_machine(no_calls_out: list[str], target: tuple[str, int]) -> None:
    """A test that opens a connection to elsewhere, or looks a name up, is refused and noted."""
    with pytest.raises(ConnectionRefusedError, match="must not call out"):
        socket.create_connection(target, timeout=1)
    assert len(no_calls_out) == 1
    no_calls_out.clear()


def test_the_guard_lets_this_machine_be() -> None:
    """Loopback and sockets of the file system are no calls out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


@pytest.mark.slow
def test_bytes_that_are_no_text_on_the_command_line(real_index: RealIndex) -> None:
    """An argument that is not UTF-8 is answered or refused, never a traceback."""
    command: list[str | bytes] = [
        sys.executable,
        "-m",
        "assistant",
        "ask",
        b"What GPA \xff\xfe do I need at Test University?",
    ]
    done = subprocess.run(command, capture_output=True, env=environment(real_index), check=False)
    assert done.returncode == 0
    assert b"2.67" in done.stdout
    assert b"Traceback" not in done.stderr


def environment(real_index: RealIndex) -> dict[str, str]:
    """Return the environment in which a command uses the small real index."""
    places = {
        "ASSISTANT_DATA_DIR": real_index.settings.data_dir,
        "ASSISTANT_KNOWLEDGE_BASE": Path(real_index.settings.knowledge_base),
    }
    return os.environ | {name: str(path) for name, path in places.items()} | {"PYTHONUTF8": "1"}
