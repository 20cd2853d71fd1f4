"""Opening the configured language model: which settings mean what, and that without one nothing happens."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from assistant.errors import SettingError
from assistant.models.endpoint import CLOUD, Endpoint, endpoint_of
from assistant.models.opening import open_writer
from assistant.settings import Settings, load_settings

LIBRARIES = ("langchain", "langchain_openai", "langchain_ollama", "openai", "ollama", "httpx", "httpx2", "langsmith")
LOCAL = "http://127.0.0.1:8080/v1"


def of(llm: str, url: str | None = LOCAL, key: str | None = None) -> Settings:
    """Return settings with a model."""
    return load_settings(llm=llm, llm_base_url=url, llm_api_key=key)


@pytest.mark.parametrize(
    ("settings", "endpoint"),
    [
        (of("openai:qwen3"), Endpoint("openai", "qwen3", LOCAL)),
        (of("openai:qwen3", LOCAL + "/"), Endpoint("openai", "qwen3", LOCAL)),
        (of("openai:gpt", None, "a-key-of-a-service"), Endpoint("openai", "gpt", CLOUD)),
        (of("ollama:qwen3:4b", None), Endpoint("ollama", "qwen3:4b", "http://127.0.0.1:11434")),
        (of(" openai:org/name:tag "), Endpoint("openai", "org/name:tag", LOCAL)),
    ],
)
def test_a_model_is_named_as_langchain_names_it(settings: Settings, endpoint: Endpoint) -> None:
    """Provider and name; the address is the configured one, or the provider's own."""
    assert endpoint_of(settings) == endpoint
    writer = open_writer(settings)
    assert writer is not None
    assert (writer.name, writer.endpoint) == (endpoint.name, endpoint)


@pytest.mark.parametrize("llm", ["qwen3", "openai", "openai:", ":qwen3", "gpt-4o", "anthropic:claude", "OPENAI:x"])
def test_what_is_no_model_is_told(llm: str) -> None:
    """The message gives the value and the two ways of writing one."""
    with pytest.raises(SettingError, match=r"ASSISTANT_LLM='.*openai:NAME.*ollama:NAME") as caught:
        open_writer(of(llm))
    assert llm in str(caught.value)


def test_the_cloud_wants_a_key() -> None:
    """A model without an address is one of a service abroad: that is said before anything is sent there."""
    with pytest.raises(SettingError, match=r"api\.openai\.com.*ASSISTANT_LLM_BASE_URL"):
        open_writer(of("openai:gpt", None))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        (LOCAL, True),
        ("http://localhost:1234/v1", True),
        ("http://[::1]:80", True),
        ("http://127.8.9.1/v1", True),
        ("https://models.example.kz/v1", False),
        ("http://10.0.0.5:8000/v1", False),
        ("http://localhost.example.kz/v1", False),
    ],
)
def test_it_is_known_whether_an_endpoint_is_this_machine(url: str, local: bool) -> None:
    """Only loopback is."""
    assert endpoint_of(of("openai:x", url)).local is local


def child(code: str) -> object:
    """Return what a fresh interpreter prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout.splitlines()[-1])


WATCH = """
import json, sys
touched = []
sys.addaudithook(lambda event, _: touched.append(event) if event.startswith("socket.") else None)
"""
TELL = f"""
print(json.dumps([sorted({{name.partition(".")[0] for name in sys.modules}} & {set(LIBRARIES)!r}), touched]))
"""


def test_without_a_model_nothing_is_imported_or_contacted() -> None:
    """No library for language models is loaded and no socket made."""
    opened = "from assistant.models.opening import open_writer\nfrom assistant.settings import Settings\n"
    assert child(f"{WATCH}{opened}assert open_writer(Settings(_env_file=None)) is None\n{TELL}") == [[], []]


def test_with_a_model_nothing_is_contacted_until_it_writes() -> None:
    """To open a model connects to nobody either, but needs the libraries: so the test above can fail."""
    opened = "from assistant.models.opening import open_writer\nfrom assistant.settings import Settings\n"
    made = f"Settings(_env_file=None, llm='openai:x', llm_base_url={LOCAL!r})"
    loaded, touched = child(f"{WATCH}{opened}assert open_writer({made})\n{TELL}")  # type: ignore[misc]
    assert {"langchain_openai", "openai"} <= set(loaded)
    assert not set(touched) & {"socket.connect", "socket.getaddrinfo", "socket.sendto"}


@pytest.mark.parametrize("missing", ["langchain", "langchain_openai", "openai"])
def test_missing_packages_are_told(missing: str) -> None:
    """The message gives the command that installs them."""
    said = child(f"""
import json, sys
sys.modules[{missing!r}] = None
from assistant.errors import SettingError
from assistant.models.opening import open_writer
from assistant.settings import Settings
try:
    open_writer(Settings(_env_file=None, llm="openai:x", llm_base_url={LOCAL!r}))
except SettingError as error:
    print(json.dumps(str(error)))
""")
    assert "ASSISTANT_LLM='openai:x' needs packages that are not installed" in str(said)
    assert "pip install 'predeparture-assistant[llm]'" in str(said)


def test_help_loads_none_of_it() -> None:
    """The command line starts without a library for language models, and without the adapters."""
    code = f"""{WATCH}
import contextlib, io
from assistant.cli import main
sys.argv = ["assistant", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps([name for name in sys.modules if name.startswith("assistant.models") or name in {LIBRARIES!r}]))
"""
    assert child(code) == []
