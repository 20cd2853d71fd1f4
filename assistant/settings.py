"""The settings: environment variables ``ASSISTANT_*`` or lines of a ``.env`` file, each described here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.errors import SettingError
from assistant.types import LANGUAGES, Language

PREFIX = "ASSISTANT_"
_PACKAGE = Path(__file__).resolve().parent
_NEVER_SHOWN = frozenset(  # a wrong value may hold a key
    f"{PREFIX}{name}" for name in ("LLM_BASE_URL", "LLM_API_KEY", "EMBEDDING_BASE_URL", "EMBEDDING_API_KEY")
)


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
        "all-MiniLM-L6-v2",
        description="The bundled model, a folder in sentence-transformers' layout, or openai:NAME at an endpoint.",
    )
    embedding_base_url: str | None = Field(
        None, description="Address of the OpenAI-compatible endpoint that embeds; needed for openai:NAME."
    )
    embedding_api_key: SecretStr | None = Field(
        None, description="Key for that endpoint; one of your own may need none."
    )
    embedding_languages: Annotated[tuple[Language, ...] | None, NoDecode] = Field(
        None,
        description="Languages the model knows, parted by commas; en for the bundled one, else all three.",
    )
    reranker_model: str | None = Field(
        None, description="Folder of a CrossEncoder that reads what was found again; none if unset."
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of the OpenID Connect provider with which mentors may sign in; none if unset."
    )
    oidc_client_id: str | None = Field(None, description="What that provider calls this program.")
    oidc_client_secret: SecretStr | None = Field(None, description="What this program proves that with.")
    llm: str | None = Field(
        None, description="Language model, openai:NAME (any OpenAI-compatible server) or ollama:NAME; none if unset."
    )
    llm_base_url: str | None = Field(
        None, description="Address of its server; api.openai.com, or Ollama on this machine, if unset."
    )
    llm_api_key: SecretStr | None = Field(None, description="Key for that server; one of your own may need none.")
    llm_concurrency: int = Field(4, ge=1, le=256, description="Requests to it at once; twice as many wait.")
    llm_mask: bool = Field(True, description="Whether personal data is masked before it is sent there.")
    llm_seconds: float = Field(45, gt=0, le=600, description="Seconds within which its text must be whole.")
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

    @field_validator("llm_base_url", "embedding_base_url")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        return _plain_address(value) if value else None


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
        shown = "…" if name in _NEVER_SHOWN else repr(first["input"])
        raise SettingError(f"{name}={shown}: {first['msg']}{allowed}") from (None if name in _NEVER_SHOWN else error)


def _plain_address(value: str) -> str:
    """Return an address without a slash at its end.

    Raises:
        ValueError: If it is no http(s) address, or holds a password or a query, which logs would show.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("an address begins with http:// or https:// and a host name")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("a key does not belong in an address; set the …_API_KEY that goes with it")
    return value.rstrip("/")


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
