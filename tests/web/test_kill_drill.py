"""A serving program that is killed loses nothing of what it acknowledged, and starts by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from kill_drill import drilled

pytestmark = pytest.mark.slow


def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    """After each of two kills among asking, rating and reviewing clients, every acknowledged write is there."""
    found = drilled(tmp_path, kills=2)
    assert found.kills == 2
    assert found.told > 0
    assert found.lost == []
    assert found.objections == []
