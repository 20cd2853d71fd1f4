"""What the composition root makes of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.bootstrap import settings_digest
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
