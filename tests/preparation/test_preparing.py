"""What a base holds for the preparation: read once, each part on its own."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from assistant.bootstrap import open_preparation
from assistant.preparation.preparing import Preparation, read_guides, read_preparation
from assistant.settings import Settings, content

SHIPPED = content("knowledge_base")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder with the data files of the shipped base and two of its guides."""
    for name in ("preparation.yaml", "readiness.yaml", "budget.yaml"):
        shutil.copy(SHIPPED / name, tmp_path)
    for folder, pattern in (("eligibility", "m*.yaml"), ("host_guides", "poland.*.md"), ("host_guides", "france.*.md")):
        (tmp_path / folder).mkdir(exist_ok=True)
        for path in (SHIPPED / folder).glob(pattern):
            shutil.copy(path, tmp_path / folder)
    return tmp_path


def test_every_part_is_read(base: Path) -> None:
    """Rules, steps, guides, statements and figures are there, and nothing is wrong."""
    preparation, faults = read_preparation(base)
    assert not faults
    assert list(preparation.programmes) == ["mevlana"]
    assert preparation.guides == {"PL": "host_guides/poland", "FR": "host_guides/france"}
    assert preparation.steps.steps
    assert preparation.readiness is not None
    assert preparation.readiness.items
    assert preparation.budget is not None
    assert preparation.budget.destinations


def test_a_wrong_file_costs_only_its_part(base: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A fault is logged with file and line, its part is empty, and the rest serves."""
    text = (base / "preparation.yaml").read_text(encoding="utf-8")
    (base / "preparation.yaml").write_text(text.replace("phase:", "phrase:", 1), encoding="utf-8")
    line = text[: text.index("phase:")].count("\n") + 1
    with caplog.at_level(logging.WARNING):
        preparation = open_preparation(Settings(knowledge_base=base))
    assert preparation.steps.steps == ()
    assert preparation.programmes
    assert preparation.budget
    assert f"preparation.yaml:{line}: " in caplog.text


def test_a_base_without_data_files_prepares_nothing(tmp_path: Path) -> None:
    """A folder of one's own documents alone is no fault."""
    assert read_preparation(tmp_path) == (Preparation(), ())


def test_a_guide_is_found_by_whichever_version_can_be_read(base: Path) -> None:
    """A wrong head of one version leaves the guide to the next; a guide without a country is none of a country."""
    english = base / "host_guides" / "poland.en.md"
    english.write_text(english.read_text(encoding="utf-8").replace("country: PL", "county: PL"), encoding="utf-8")
    for path in (base / "host_guides").glob("france.*.md"):
        path.write_text(path.read_text(encoding="utf-8").replace("country: FR\n", ""), encoding="utf-8")
    assert read_guides(base) == {"PL": "host_guides/poland"}


def test_of_two_guides_the_first_by_name_counts(base: Path) -> None:
    """Which guide a student is led to does not depend on the order in which a disk lists files."""
    shutil.copy(base / "host_guides" / "poland.en.md", base / "host_guides" / "a_second_poland.en.md")
    assert read_guides(base)["PL"] == "host_guides/a_second_poland"
