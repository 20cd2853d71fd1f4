"""The commands: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from eval_fakes import CASES, asked, command, cut, write
from typer.main import get_command

from eval.__main__ import app
from eval.runs import RunFolder


def test_an_incomplete_run_is_not_scored(dataset: Path, tmp_path: Path) -> None:
    """The command ends with 3, says how to go on, and writes nothing."""
    folder = asked(dataset, tmp_path / "run")
    cut(folder, 100)
    done = command("score", folder.folder)
    assert done.exit_code == 3
    assert "only a part of its 8 cases" in done.stderr
    assert not (folder.folder / "scores.jsonl").exists()


def test_scores_come_as_json(dataset: Path, tmp_path: Path) -> None:
    """What is printed is what is written."""
    folder = asked(dataset, tmp_path / "run", "oracle")
    assert json.loads(command("score", folder.folder, "--json").stdout) == [folder.metrics()]
    assert "right or acceptable" in command("score", folder.folder).stdout
    assert command("score", tmp_path / "gone").exit_code == 2


def test_validate_ends_with_what_it_found(dataset: Path, tmp_path: Path) -> None:
    """0 for a clean set, 1 with each fault for a wrong label, 2 for a folder that is not there."""
    clean = command("validate", dataset)
    assert (clean.exit_code, clean.stdout) == (0, "")
    write(dataset, [{**CASES[0], "gold_quotes": ["90 euros"]}, *CASES[1:]])
    done = command("validate", dataset)
    assert done.exit_code == 1
    assert done.stdout.startswith("cases.jsonl:1: cost of visa: gold quote '90 euros'")
    data = json.loads(command("validate", dataset, "--json").stdout)
    assert [(each["line"], each["case"]) for each in data] == [(1, "cost of visa")]
    missing = command("validate", tmp_path / "gone")
    assert missing.exit_code == 2
    assert "gone" in missing.stderr


def test_the_commands_are_run_as_a_program(dataset: Path, tmp_path: Path) -> None:
    """A run goes on by the same command, and it tells how many cases it asked."""
    out = tmp_path / "run"
    done = command("run", dataset, "--out", out, "--system", "bm25", "--limit", "3", "--work", tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("3 cases asked")
    meta = RunFolder(out).meta()
    assert (meta["state"], meta["n"], meta["errors"], meta["config"]["limit"]) == ("complete", 3, 0, 3)
    again = command("run", dataset, "--out", out, "--system", "bm25", "--limit", "3", "--work", tmp_path)
    assert again.stderr.startswith("0 cases asked")
    shutil.copytree(out, tmp_path / "copy")
    assert command("score", out, tmp_path / "copy").exit_code == 0


@pytest.mark.parametrize("name", ["", *get_command(app).commands])  # type: ignore[attr-defined]
def test_every_command_has_help(name: str) -> None:
    """Each tells what it does and its options."""
    done = command(*filter(None, [name]), "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert "--help" in done.stdout
