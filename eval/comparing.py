"""``compare``: what is better or worse in one run than in another, on the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.errors import EvalError
from eval.judging import judged_rows, label
from eval.measures import Outcome
from eval.runs import RunFolder
from eval.scoring import LOWER_IS_BETTER, PRIMARY, Row
from eval.statistics import Difference, difference, holm

GOOD = frozenset({str(Outcome.RIGHT), str(Outcome.ACCEPTABLE)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one metric differs: second run minus first.

    Attributes:
        metric: Its name.
        first: Its mean in the first run, on the cases that have it in both.
        second: The same in the second.
        low: Lower end of the difference's 95 % interval.
        high: Upper end.
        p: Of the sign-flip test.
        p_holm: The same corrected for the number of primary metrics; of the others None.
        detectable: Smallest difference that these cases can tell.
        n: Cases.
        clusters: Clusters of cases.
    """

    metric: str
    first: float
    second: float
    low: float
    high: float
    p: float
    p_holm: float | None
    detectable: float
    n: int
    clusters: int

    @property
    def delta(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or ``same``: only what the corrected test bears out is called a change."""
        if (self.p if self.p_holm is None else self.p_holm) >= 0.05:
            return "same"
        return "better" if (self.delta > 0) != (self.metric in LOWER_IS_BETTER) else "worse"

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return asdict(self) | {"delta": self.delta, "verdict": self.verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        first: Name of the first run.
        second: Name of the second.
        changes: By slice (``all``, then each language), the primary metrics first.
        fixed: Ids of cases that only the second run gets right.
        broken: Ids of cases that only the first run gets right.
        settings: What of ``run.json`` differs: name, value in the first, value in the second.
        n: Cases that both runs asked.
        judge: Who judged both runs, in words; empty if nobody did.
        judged: How the judge's figures differ, on the cases that have them in both runs.
    """

    first: str
    second: str
    changes: dict[str, tuple[Change, ...]]
    fixed: tuple[str, ...]
    broken: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]
    n: int
    judge: str = ""
    judged: tuple[Change, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        data = asdict(self)
        data["changes"] = {name: [each.as_dict() for each in changes] for name, changes in self.changes.items()}
        data["judged"] = [each.as_dict() for each in self.judged]
        return data


def compare(first: RunFolder, second: RunFolder, *, other_corpus: bool = False) -> Comparison:
    """Return how the second run differs from the first.

    Args:
        first: A scored run.
        second: Another one of the same cases.
        other_corpus: Whether the texts may differ, as when the knowledge base itself was changed.

    Raises:
        EvalError: If they are not of the same cases and texts, or not scored.
        IncompleteRun: If one is incomplete.
    """
    metas = first.require_complete(), second.require_complete()
    require_same(metas, first, second, other_corpus)
    left = {row["id"]: row for row in first.scores()}
    right = {row["id"]: row for row in second.scores()}
    if left.keys() != right.keys():
        odd = sorted(left.keys() ^ right.keys())[0]
        raise EvalError(f"case {odd!r} is in one run only; score both runs again")
    if any(left[name]["metrics"].keys() != right[name]["metrics"].keys() for name in left):
        raise EvalError("the two runs were scored by different versions; score both again")
    pairs = [(left[name], right[name]) for name in left]
    groups = {"all": pairs} | {
        language: own for language in ("en", "ru", "kk") if (own := [p for p in pairs if p[0]["lang"] == language])
    }
    judge, judgements = _judged(first, second)
    good = {name: (a["outcome"] in GOOD, b["outcome"] in GOOD) for name, (a, b) in zip(left, pairs, strict=True)}
    return Comparison(
        first=first.name,
        second=second.name,
        changes={name: changes(own) for name, own in groups.items()},
        fixed=tuple(name for name, was in good.items() if was == (False, True)),
        broken=tuple(name for name, was in good.items() if was == (True, False)),
        settings=_settings(*metas),
        n=len(pairs),
        judge=judge,
        judged=judgements,
    )


def _judged(first: RunFolder, second: RunFolder) -> tuple[str, tuple[Change, ...]]:
    """Return who judged both runs and how the figures differ; nothing unless it was the same judge."""
    left, right = judged_rows(first), {row["id"]: row for row in judged_rows(second)}
    pairs = [(row, right[row["id"]]) for row in left if row["id"] in right]
    if not pairs or any(a["judge"] != b["judge"] for a, b in pairs):
        return "", ()
    return label(left), changes(pairs)


def changes(pairs: Sequence[tuple[Row, Row]]) -> tuple[Change, ...]:
    """Return how every metric differs between pairs of rows, the primary ones first and corrected for their number."""
    names = [name for name in (*PRIMARY, *pairs[0][0]["metrics"]) if name in pairs[0][0]["metrics"]]
    found: dict[str, tuple[list[float], Difference]] = {}
    for name in dict.fromkeys(names):
        values = [(a["metrics"][name], b["metrics"][name], a["cluster"]) for a, b in pairs]
        both = [each for each in values if each[0] is not None and each[1] is not None]
        if both:
            first, second, clusters = (list(column) for column in zip(*both, strict=True))
            found[name] = (first, difference(first, second, clusters))
    primary = [name for name in PRIMARY if name in found]
    corrected = dict(zip(primary, holm([found[name][1].p for name in primary]), strict=True))
    return tuple(_change(name, first, made, corrected.get(name)) for name, (first, made) in found.items())


def _change(name: str, first: list[float], made: Difference, corrected: float | None) -> Change:
    before = sum(first) / len(first)
    return Change(
        metric=name, first=before, second=before + made.figure.value, low=made.figure.low, high=made.figure.high,
        p=made.p, p_holm=corrected, detectable=made.detectable, n=made.figure.n, clusters=made.figure.clusters,
    )  # fmt: skip


def require_same(metas: tuple[Mapping[str, Any], ...], first: RunFolder, second: RunFolder, other_corpus: bool) -> None:
    """Raise unless both runs asked the same cases of the same texts."""
    texts = {} if other_corpus else {"corpus_digest": "texts", "qrels_digest": "judgements"}
    names = {"dataset_digest": "cases", **texts}
    for key, words in names.items():
        ours, theirs = metas[0].get(key), metas[1].get(key)
        if ours != theirs:
            hint = "; give --other-corpus if that is meant" if key in texts else ""
            raise EvalError(
                f"{str(first.folder)!r} and {str(second.folder)!r} are not of the same {words} "
                f"({key} {str(ours)[:12]} and {str(theirs)[:12]}): run both on the same dataset{hint}"
            )


def _settings(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two ``run.json``, nested names joined by points."""
    left, right = _flat(first), _flat(second)
    return tuple((name, left.get(name, "–"), right.get(name, "–")) for name in sorted(left.keys() | right.keys())
                 if left.get(name, "–") != right.get(name, "–"))  # fmt: skip


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in data.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": str(value)}
    return found
