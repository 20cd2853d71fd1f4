"""The settings: environment variables ``ASSISTANT_*`` or lines of a ``.env`` file, each described here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.errors import SettingError
from assistant.types import LANGUAGES, Language

PREFIX = "ASSISTANT_"
_PACKAGE = Path(__file__).resolve().parent


def content(name: str) -> Path:
    """Return the folder ``knowledge_base`` or ``prompts``: beside the package in a checkout, inside it in a wheel."""
    beside = _PACKAGE.parent / name
    return beside if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / name


def _data_dir() -> Path:
    """Return ``data`` in a checkout, else the user's data folder by the platform's custom."""
    if (_PACKAGE.parent / "pyproject.toml").is_file():
        return _PACKAGE.parent / "data"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "predeparture-assistant"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "predeparture-assistant"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "predeparture-assistant"


class Settings(BaseSettings):
    """What an operator can set; every field is the variable ``ASSISTANT_`` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    knowledge_base: Path = Field(
        default_factory=lambda: content("knowledge_base"), description="Folder with the documents."
    )
    data_dir: Path = Field(default_factory=_data_dir, description="Folder of the index and of what students send.")
    database_url: SecretStr | None = Field(
        None, description="Address of the records; the file records.sqlite in the data folder if unset."
    )
    host: str = Field("127.0.0.1", description="Address on which the pages are served.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the pages are served.")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost"),
        description="Host names, parted by commas, under which the pages are asked for.",
    )
    requests_per_minute: int = Field(30, ge=1, description="Questions per minute and address before a pause.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="The bundled model, or a folder in sentence-transformers' layout."
    )
    embedding_languages: Annotated[tuple[Language, ...] | None, NoDecode] = Field(
        None,
        description="Languages the model knows, parted by commas; en for the bundled one, else all three.",
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of the OpenID Connect provider with which mentors may sign in; none if unset."
    )
    oidc_client_id: str | None = Field(None, description="What that provider calls this program.")
    oidc_client_secret: SecretStr | None = Field(None, description="What this program proves that with.")
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Support below which the assistant abstains; the calibrated one if unset.",
    )

    @field_validator("allowed_hosts", "embedding_languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment, with ``overrides`` from the command line on top.

    Raises:
        SettingError: If a variable ``ASSISTANT_*`` is unknown or its value is wrong.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(_named()):
        if name.upper() not in known:
            raise SettingError(f"{name!r} is no setting; known are: {', '.join(sorted(known))}")
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        allowed = f"; languages are {', '.join(LANGUAGES)}" if "LANGUAGES" in name else ""
        raise SettingError(f"{name}={first['input']!r}: {first['msg']}{allowed}") from error


def _named() -> set[str]:
    """Return the names with our prefix in the environment and in ``.env``."""
    names = {name for name in os.environ if name.upper().startswith(PREFIX)}
    try:
        lines = Path(".env").read_text(encoding="utf-8").splitlines()
    except OSError:
        return names
    except UnicodeDecodeError as error:
        raise SettingError(f"the file '.env' is not UTF-8 ({error}); save it as UTF-8 text") from error
    written = {line.partition("=")[0].replace("export ", "").strip() for line in lines if "=" in line}
    return names | {name for name in written if name.upper().startswith(PREFIX)}
