"""The key is in no log, no error and no picture of an object, whatever an endpoint does with it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from model_server import BEHAVIOURS, ModelServer
from pydantic import SecretStr
from writers import PROMPT, SHORT, nobody, ollama_of, writer_of

from assistant.errors import SettingError, WritingError
from assistant.models.quiet import LOGGERS, quieten
from assistant.settings import load_settings

KEY = "sk-secret-123"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Return a file with all that is logged by anybody, at the finest level."""
    root, path = logging.getLogger(), tmp_path / "all.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(before)
    root.removeHandler(handler)
    handler.close()


def told(error: BaseException) -> str:
    """Return all that an error and what led to it say, with the errors' own attributes."""
    words, each = ["".join(traceback.format_exception(error))], error
    while each.__cause__ or each.__context__:
        each = each.__cause__ or each.__context__  # type: ignore[assignment]
        words.append(f"{each!r} {vars(each)!r}")
    return "\n".join(words)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_key_is_told_nowhere(server: ModelServer, log: Path, behaviour: str) -> None:
    """The endpoint gets the key and may say it again; nobody else sees it."""
    times = replace(SHORT, first=0.3, pause=0.3)
    writer = writer_of(server, behaviour, key=KEY, times=times)
    writing = writer.write(PROMPT, most_tokens=200, seconds=0.8)
    shown = [repr(writer), str(vars(writer)), repr(writer.asker._model), str(vars(writer.asker))]
    try:
        shown.append("".join(writing))
    except WritingError as error:
        shown += [told(error), repr(error.__cause__), repr(error.__context__)]
    shown += [repr(writing), str(vars(writing)), repr(writer.meter.snapshot()), log.read_text(encoding="utf-8")]
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in "\n".join(shown)


def test_a_key_is_told_nowhere_if_nobody_is_there(log: Path) -> None:
    """Nor does a refused connection tell it."""
    with nobody() as url, pytest.raises(WritingError) as caught:
        list(writer_of(url, "good", key=KEY).write(PROMPT, most_tokens=10, seconds=1))
    assert KEY not in told(caught.value) + log.read_text(encoding="utf-8")


def test_no_word_of_prompt_or_reply_is_logged(server: ModelServer, log: Path) -> None:
    """Not even when an endpoint says again, in an error, what it was sent."""
    for behaviour in ("good", "status-400", "status-500", "error-event", "html"):
        with ThreadPoolExecutor(1) as pool:  # a thread's own context, as in the pages
            pool.submit(lambda name=behaviour: [*_quietly(server, name)]).result()
    said = log.read_text(encoding="utf-8")
    assert "refused 1" in said  # the log is on
    assert not [word for word in (PROMPT.user, PROMPT.system, "out of memory", "Sign in") if word in said]


def _quietly(server: ModelServer, name: str) -> Iterator[str]:
    try:
        yield from writer_of(server, name).write(PROMPT, most_tokens=100, seconds=1)
    except WritingError:
        return


def test_the_environments_keys_are_sent_nowhere(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that the libraries would take from the environment are for other services."""
    for name in ("OPENAI_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, KEY)
    for writer in (writer_of(server, "good"), ollama_of(server, "good")):
        list(writer.write(PROMPT, most_tokens=100, seconds=2))
    assert KEY not in str(server.requests)


@pytest.mark.parametrize("name", LOGGERS)
def test_libraries_warn_without_keys(log: Path, name: str) -> None:
    """Warnings go through with the key blotted out; what is less than a warning does not."""
    quieten(SecretStr(KEY))
    quieten(SecretStr("another-key"))
    try:
        raise ValueError(KEY)
    except ValueError:
        logging.getLogger(name).warning("refused %s and %s", {"key": KEY}, "another-key", exc_info=True)
    logging.getLogger(f"{name}.deeper").info("sent")
    said = log.read_text(encoding="utf-8")
    assert said.count(f"{name}: refused {{'key': '***'}} and ***") == 1
    assert KEY not in said
    assert "sent" not in said


@pytest.mark.parametrize("url", [f"https://user:{KEY}@host/v1", f"https://host/v1?key={KEY}", f"host/{KEY}"])
def test_a_key_in_the_address_is_refused_without_being_told(url: str) -> None:
    """An address is shown by ``doctor`` and in logs, so no key belongs there."""
    with pytest.raises(SettingError, match="ASSISTANT_LLM_BASE_URL") as caught:
        load_settings(llm="openai:x", llm_base_url=url)
    assert KEY not in "".join(traceback.format_exception(caught.value))
