"""How a dataset is asked: which keys and values are taken, and which cases are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from eval_fakes import command

from eval.cases import read_dataset
from eval.configuring import RunConfig, read_config
from eval.errors import EvalError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour"), ("k = 0", "k"), ("limit = 'x'", "limit"), ("system = 'magic'", "system"),
        ("lang = ['de']", "lang.0"), ("perturb = 'upper'", "perturb"), ("split = 'train'", "split"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_names_its_key(dataset: Path, tmp_path: Path, text: str, said: str) -> None:
    """An unknown key or a bad value ends the command with 2 before anything is written."""
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    done = command("run", dataset, "--out", tmp_path / "run", "--config", tmp_path / "config.toml")
    assert done.exit_code == 2
    assert f"config.toml': {said}: " in done.stderr
    assert "known keys: system, split" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("option", [("--limit", "0"), ("--system", "magic"), ("--perturb", "upper"), ("--lang", "de")])
def test_a_wrong_option_is_named(dataset: Path, tmp_path: Path, option: tuple[str, str]) -> None:
    """The command line is checked by the same rules."""
    done = command("run", dataset, "--out", tmp_path / "run", *option)
    assert done.exit_code == 2
    assert option[0].strip("-") in done.stderr
    assert repr(option[1]).strip("'") in done.stderr


@pytest.mark.parametrize("text", ["k = ", "\xff", None])
def test_a_file_that_is_no_configuration_is_refused(dataset: Path, tmp_path: Path, text: str | None) -> None:
    """Broken TOML, no text and no file end with 2 and the file's name."""
    if text is not None:
        (tmp_path / "config.toml").write_bytes(text.encode("latin-1"))
    done = command("run", dataset, "--out", tmp_path / "run", "--config", tmp_path / "config.toml")
    assert done.exit_code == 2
    assert "config.toml" in done.stderr


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    """What is given counts, what is not given comes from the file, and the rest is the default."""
    path = tmp_path / "config.toml"
    path.write_text('system = "bm25"\nk = 7\nlang = ["ru"]', encoding="utf-8")
    config = read_config(path, system="oracle", lang=(), limit=None, tag=("room",))
    assert config == RunConfig(system="oracle", k=7, lang=("ru",), tag=("room",))


def test_the_cases_are_chosen_by_split_language_and_tag(dataset: Path) -> None:
    """Each choice narrows the others, and none left is an error."""
    cases = read_dataset(dataset).cases
    names = lambda **config: [case.id for case in RunConfig(**config).chosen(cases)]  # noqa: E731
    assert names(split="test") == ["kitchen"]
    assert names(lang=("kk", "ru")) == ["комната", "ё", "құны", "погода"]
    assert names(lang=("ru",), tag=("room", "x")) == ["комната"]
    with pytest.raises(EvalError, match="no case is left of 8"):
        names(lang=("kk",), tag=("room",))


def test_a_limit_draws_the_same_cases_in_any_order(dataset: Path) -> None:
    """A smaller limit draws some of a larger one's; they stay in their order, and another seed draws others."""
    cases = read_dataset(dataset).cases
    drawn = {n: {case.id for case in RunConfig(limit=n).chosen(cases)} for n in (2, 4)}
    assert len(drawn[2]) == 2
    assert drawn[2] < drawn[4]
    assert {case.id for case in RunConfig(limit=4).chosen(cases[::-1])} == drawn[4]
    kept = [case.id for case in RunConfig(limit=4).chosen(cases)]
    assert kept == [case.id for case in cases if case.id in drawn[4]]
    assert any({case.id for case in RunConfig(limit=4, seed=seed).chosen(cases)} != drawn[4] for seed in range(5))
