"""What all tests share: a guard against calls to the network, and one small real index, built once."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from fakes import RealIndex, write_base

from assistant.bootstrap import build_index
from assistant.offline import switch_off_calls_home
from assistant.settings import load_settings

switch_off_calls_home()
for _name in [name for name in os.environ if name.upper().startswith("ASSISTANT_")]:
    del os.environ[_name]  # what the person who runs the tests has set is none of their business

hypothesis.settings.register_profile("tests", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("tests")

_calls_out: list[str] = []
_LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost", "testserver"})


def _is_local(host: object) -> bool:
    """Return whether a host, as the socket functions take it, is this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse and note connections that lead out of this machine, and look-ups of outside names."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        target = arguments[1] if len(arguments) > 1 else None
        if not isinstance(target, tuple):  # AF_UNIX takes a path
            return
        host: object = target[0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        _calls_out.append(f"{event} {host!r}")
        raise ConnectionRefusedError(f"a test must not call out of this machine: {event} {host!r}")


sys.addaudithook(_watch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests with a browser last: while Playwright's is open, nothing else in the process can run a loop of its own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def no_calls_out() -> Iterator[list[str]]:
    """Fail the test during which anything called out of this machine, even if it was swallowed."""
    _calls_out.clear()
    yield _calls_out
    assert not _calls_out, f"called out of this machine: {_calls_out}"


@pytest.fixture(scope="session")
def real_index(tmp_path_factory: pytest.TempPathFactory) -> RealIndex:
    """Return the index of the small knowledge base, built by a child process as the program does."""
    folder = tmp_path_factory.mktemp("real")
    settings = load_settings(knowledge_base=write_base(folder / "base"), data_dir=folder / "data")
    _, faults = build_index(settings)
    assert not faults, faults
    return RealIndex(settings)
