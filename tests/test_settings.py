"""Settings: where they come from, in which order, and what is said when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingError
from assistant.settings import Settings, content, load_settings


@pytest.fixture(autouse=True)
def clean_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, so that no ``.env`` of the developer counts."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_has_a_default() -> None:
    """Without any setting the program runs on this machine alone, on its own content."""
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.allowed_hosts == ("127.0.0.1", "localhost")
    assert (settings.knowledge_base / "regulations").is_dir()
    assert settings.threshold is None


def test_every_field_says_what_it_is() -> None:
    """Each setting has a sentence."""
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_options_outrank_the_environment_which_outranks_the_file(
    clean_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command line option wins over a variable, a variable over a line of ``.env``."""
    (clean_folder / ".env").write_text("ASSISTANT_PORT=9001\nASSISTANT_HOST=10.0.0.1\nOTHER=1\n", encoding="utf-8")
    assert load_settings().port == 9001
    monkeypatch.setenv("ASSISTANT_PORT", "9002")
    assert (load_settings().port, load_settings().host) == (9002, "10.0.0.1")
    assert load_settings(port=9003, host=None).port == 9003
    assert load_settings(port=9003, host=None).host == "10.0.0.1"


def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is told with the names that exist."""
    monkeypatch.setenv("ASSISTANT_PROT", "9000")
    with pytest.raises(SettingError, match=r"'ASSISTANT_PROT' is no setting; known are: .*ASSISTANT_PORT"):
        load_settings()


def test_an_unknown_line_of_the_file_is_refused(clean_folder: Path) -> None:
    """So is a misspelt line of ``.env``, exported or not; other programs' lines are theirs."""
    for line in ("ASSISTANT_PROT=1", "export ASSISTANT_PROT=1"):
        (clean_folder / ".env").write_text(f"PATH_OF_OTHERS=1\n# a comment\n{line}\n", encoding="utf-8")
        with pytest.raises(SettingError, match="'ASSISTANT_PROT' is no setting"):
            load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_PORT", "0"),
        ("ASSISTANT_PORT", "65536"),
        ("ASSISTANT_PORT", "http"),
        ("ASSISTANT_PORT", ""),
        ("ASSISTANT_THRESHOLD", "1.5"),
        ("ASSISTANT_THRESHOLD", "nan"),
        ("ASSISTANT_REQUESTS_PER_MINUTE", "0"),
        ("ASSISTANT_EMBEDDING_LANGUAGES", "en,de"),
        ("ASSISTANT_LLM_CONCURRENCY", "0"),
        ("ASSISTANT_LLM_SECONDS", "0"),
        ("ASSISTANT_LLM_SECONDS", "inf"),
        ("ASSISTANT_LLM_MASK", "perhaps"),
    ],
)
def test_a_wrong_value_is_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message begins with the variable, and shows what it was set to."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}=")
    assert value.partition(",")[0] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lists_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and empty parts do not count."""
    monkeypatch.setenv("ASSISTANT_ALLOWED_HOSTS", "a.example, b.example,,")
    monkeypatch.setenv("ASSISTANT_EMBEDDING_LANGUAGES", "ru,kk")
    settings = load_settings()
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.embedding_languages == ("ru", "kk")


def test_without_a_setting_there_is_no_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """If one is set, personal data is masked for it unless that is switched off; its key is no plain text."""
    settings = load_settings()
    assert (settings.llm, settings.llm_base_url, settings.llm_api_key) == (None, None, None)
    assert (settings.llm_concurrency, settings.llm_mask, settings.llm_seconds) == (4, True, 45)
    monkeypatch.setenv("ASSISTANT_LLM", "ollama:qwen3:4b")
    monkeypatch.setenv("ASSISTANT_LLM_BASE_URL", "http://10.0.0.5:11434/")
    monkeypatch.setenv("ASSISTANT_LLM_API_KEY", "sk-secret-123")
    monkeypatch.setenv("ASSISTANT_LLM_MASK", "no")
    settings = load_settings()
    assert (settings.llm, settings.llm_base_url) == ("ollama:qwen3:4b", "http://10.0.0.5:11434")
    assert not settings.llm_mask
    assert "sk-secret-123" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    "address",
    ["host:8080/v1", "ftp://host/v1", "http://?", "http://host:99999/v1", "http://host:0", "http://u:p@host", "http://h/?a=b", "http://[1/v1"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["ASSISTANT_LLM_BASE_URL", "ASSISTANT_EMBEDDING_BASE_URL"])
def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, address: str, name: str) -> None:
    """The value is not shown, because it may hold a key."""
    monkeypatch.setenv(name, address)
    with pytest.raises(SettingError, match=rf"^{name}=…: ") as caught:
        load_settings()
    assert address not in str(caught.value)


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty line of ``.env`` sets nothing."""
    monkeypatch.setenv("ASSISTANT_LLM_BASE_URL", "")
    assert load_settings().llm_base_url is None


def test_other_models_that_find_are_none_of_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting the installed model reads and nothing is asked anywhere; the key of an endpoint is no plain text."""
    settings = load_settings()
    assert settings.embedding_model == "all-MiniLM-L6-v2"
    assert (settings.embedding_base_url, settings.embedding_api_key, settings.reranker_model) == (None, None, None)
    monkeypatch.setenv("ASSISTANT_EMBEDDING_BASE_URL", "http://127.0.0.1:8080/v1/")
    monkeypatch.setenv("ASSISTANT_EMBEDDING_API_KEY", "sk-secret-123")
    settings = load_settings()
    assert settings.embedding_base_url == "http://127.0.0.1:8080/v1"
    assert "sk-secret-123" not in f"{settings!r} {settings.model_dump()}"


def test_a_file_that_is_not_utf8_is_told(clean_folder: Path) -> None:
    """A ``.env`` in another encoding is an error of ours, not a traceback."""
    (clean_folder / ".env").write_bytes("ASSISTANT_HOST=сервер".encode("cp1251"))
    with pytest.raises(SettingError):
        load_settings()


def test_content_is_found_in_the_checkout() -> None:
    """Documents and prompts are those beside the package."""
    assert (content("knowledge_base") / "README.md").is_file()
    assert (content("prompts") / "README.md").is_file()
