"""What the composition root makes of the settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.answering.verification.verifying import Verdict
from assistant.bootstrap import CURRENT_SECONDS, pages, serve_pages, settings_digest
from assistant.settings import Settings

PLAIN = Settings(data_dir=Path("data"), threshold=0.2)


def test_the_digest_of_the_settings_is_always_the_same() -> None:
    """Equal settings have one digest, in hexadecimal, which fits the column of the records."""
    assert settings_digest(PLAIN) == settings_digest(PLAIN.model_copy())
    assert len(bytes.fromhex(settings_digest(PLAIN))) == 32


@pytest.mark.parametrize("changed", [{"threshold": 0.3}, {"embedding_model": "other"}, {"data_dir": Path("elsewhere")}])
def test_what_can_change_a_reply_changes_the_digest(changed: dict[str, object]) -> None:
    """Replies made with other settings can be told apart."""
    assert settings_digest(PLAIN.model_copy(update=changed)) != settings_digest(PLAIN)


@pytest.mark.parametrize("secret", [name for name, field in Settings.model_fields.items() if "Secret" in str(field)])
def test_no_secret_can_be_guessed_from_the_digest(secret: str) -> None:
    """Neither the address of the records nor any secret goes into the digest."""
    assert settings_digest(PLAIN.model_copy(update={secret: SecretStr("guess me")})) == settings_digest(PLAIN)


class Failing:
    """An assistant whose index cannot be looked at the first time."""

    def __init__(self) -> None:
        self.looks = 0

    def generation(self) -> str:
        self.looks += 1
        if self.looks == 1:
            raise ValueError("Айгуль Касымова")
        return "g"

    def verdict(self, *_: object) -> Verdict:
        return Verdict(False, 0.0)


def test_what_is_published_is_looked_at_whatever_went_wrong_before(caplog: pytest.LogCaptureFixture) -> None:
    """One look that fails is told without its words and ends nothing."""
    assistant, waited = Failing(), list[float]()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 3

    pages._keep_current(assistant, wait)  # type: ignore[arg-type]
    assert (assistant.looks, waited) == (3, [CURRENT_SECONDS] * 3)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert ("ValueError" in caplog.text, "Айгуль" in caplog.text) == (True, False)


def test_what_goes_on_beside_the_pages_begins_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is refreshed, what is published looked at, and what is old erased, by threads that hold up no end."""
    begun: dict[str, bool] = {}
    all_begun = threading.Barrier(4, timeout=20)

    def noting(name: str) -> Callable[..., None]:
        def note(*_: Any) -> None:
            begun[name] = threading.current_thread().daemon
            all_begun.wait()

        return note

    for name in ("_refresh_beside", "_keep_current", "keep_house"):
        monkeypatch.setattr(pages, name, noting(name))
    monkeypatch.setattr(pages, "open_assistant", lambda *_: Failing())
    monkeypatch.setattr("assistant.web.app.create_app", lambda *_, **__: None)
    serve_pages(Settings(data_dir=tmp_path))
    all_begun.wait()
    assert begun == {"_refresh_beside": True, "_keep_current": True, "keep_house": True}
