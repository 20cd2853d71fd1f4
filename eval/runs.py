"""A run folder: what was asked, of what, with which settings, and every reply.

``run.json``       commit, settings, digests, versions, machine, seed, state, counts
``cases.jsonl``    the cases as they were asked
``passages.jsonl`` the texts that could be found
``qrels.trec``     which of them answer each case
``records.jsonl``  one reply a line, in the order of the cases
Scoring adds ``scores.jsonl``, ``metrics.json`` and ``run.trec``; reporting ``report.html``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from eval.cases import Case, Unit, json_lines, read_cases
from eval.errors import EvalError, IncompleteRun
from eval.systems import Cited, Reply


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths and contents of a run."""

    folder: Path

    @property
    def records(self) -> Path:
        """The replies."""
        return self.folder / "records.jsonl"

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    def meta(self) -> dict[str, Any]:
        """Return ``run.json``.

        Raises:
            EvalError: If it is missing or damaged.
        """
        return self._json("run.json", "give a folder that `python -m eval run` wrote")

    def metrics(self) -> dict[str, Any]:
        """Return ``metrics.json``.

        Raises:
            EvalError: If the run was not scored.
        """
        return self._json("metrics.json", "score the run first: `python -m eval score RUN`")

    def cases(self) -> tuple[Case, ...]:
        """Return the cases of the run."""
        return read_cases(self.folder / "cases.jsonl")

    def scores(self) -> list[dict[str, Any]]:
        """Return the scores of every case.

        Raises:
            EvalError: If the run was not scored.
        """
        if not (self.folder / "scores.jsonl").is_file():
            raise EvalError(f"{str(self.folder)!r} has no scores.jsonl; score it first: `python -m eval score RUN`")
        return [data for _, data in json_lines(self.folder / "scores.jsonl")]

    def passages(self) -> dict[tuple[str, str], Unit]:
        """Return the texts by id and language."""
        found = (Unit(**data) for _, data in json_lines(self.folder / "passages.jsonl"))
        return {(unit.id, unit.language): unit for unit in found}

    def qrels(self) -> dict[str, dict[str, int]]:
        """Return the judgements by case."""
        found: dict[str, dict[str, int]] = {}
        for line in (self.folder / "qrels.trec").read_text(encoding="utf-8").split("\n")[:-1]:
            query, _, unit, score = line.split(" ")
            found.setdefault(_plain(query), {})[_plain(unit)] = int(score)
        return found

    def replies(self) -> Iterator[tuple[str, Reply]]:
        """Yield id and reply of each case, in the order of the file.

        Raises:
            EvalError: If a line is damaged.
        """
        for number, data in json_lines(self.records):
            try:
                name = str(data.pop("id"))
                cited = tuple(Cited(**each) for each in data.pop("citations"))
                hits = tuple((str(u), str(lang), float(score)) for u, lang, score in data.pop("hits"))
                yield name, Reply(**data, citations=cited, hits=hits)
            except (KeyError, TypeError, ValueError) as error:
                raise EvalError(f"{self.records}:{number}: no record: {error!r}; run it again") from error

    def require_complete(self) -> dict[str, Any]:
        """Return ``run.json`` of a run that asked all its cases.

        Raises:
            IncompleteRun: If it did not.
        """
        meta = self.meta()
        if meta.get("state") != "complete":
            raise IncompleteRun(
                f"{str(self.folder)!r} asked only a part of its {meta.get('n')} cases; go on with the same "
                "`python -m eval run` command, which resumes"
            )
        return meta

    def write_json(self, name: str, data: Any) -> None:
        """Write a file of the folder as a whole, never half."""
        partial = self.folder / f"{name}.partial"
        partial.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        partial.replace(self.folder / name)

    def write_lines(self, name: str, rows: Iterable[Any]) -> None:
        """Write a file of the folder as JSON lines with sorted keys, never half."""
        partial = self.folder / f"{name}.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
        partial.replace(self.folder / name)

    def write_trec(self, name: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Write a file of columns parted by spaces; spaces inside ids are written as ``%20``."""
        partial = self.folder / f"{name}.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(" ".join(trec_id(str(each)) for each in row) + "\n" for row in rows)
        partial.replace(self.folder / name)

    def _json(self, name: str, hint: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EvalError(f"cannot read {str(path)!r}: {error}; {hint}") from error
        return data


def trec_id(id: str) -> str:
    """Return an id as it may stand in a column."""
    return "".join(quote(c, safe="") if c == "%" or c.isspace() else c for c in id)


def _plain(id: str) -> str:
    return unquote(id)
