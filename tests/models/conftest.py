"""A scripted endpoint for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from model_server import ModelServer, serving


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Return a server that runs as long as the test."""
    with serving() as running:
        yield running
