"""What a run is asked with: a typed TOML file, whose fields the command line may override."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant.types import Language
from eval.cases import Case, Split, Strict
from eval.errors import EvalError
from eval.perturbing import Perturbation, perturbed
from eval.systems import SystemName

SEED = 20240607


class RunConfig(Strict):
    """How a dataset is asked.

    Attributes:
        system: What replies.
        split: Only cases of this split.
        lang: Only cases of these languages; all if empty.
        tag: Only cases with one of these tags; all if empty.
        limit: Only so many cases, the first ones by the digest of their ids.
        k: Hits kept of each search.
        perturb: How the questions are typed.
        noise: A dataset folder whose corpus is mixed in.
        seed: Of every draw.
    """

    system: SystemName = "assistant"
    split: Split | None = None
    lang: tuple[Language, ...] = ()
    tag: tuple[str, ...] = ()
    limit: int | None = Field(None, ge=1)
    k: int = Field(10, ge=1, le=100)
    perturb: Perturbation = "none"
    noise: Path | None = None
    seed: int = SEED

    def chosen(self, cases: tuple[Case, ...]) -> tuple[Case, ...]:
        """Return the cases that are asked, in their order, typed as they are asked.

        Raises:
            EvalError: If none is left.
        """
        kept = [
            typed
            for case in cases
            if (self.split is None or case.split == self.split)
            and (not self.lang or case.lang in self.lang)
            and (not self.tag or set(self.tag) & set(case.tags))
            and (typed := perturbed(case, self.perturb, self.seed)) is not None
        ]
        if self.limit is not None and self.limit < len(kept):
            drawn = sorted(kept, key=lambda case: hashlib.sha256(f"{self.seed}:{case.id}".encode()).digest())
            ids = {case.id for case in drawn[: self.limit]}
            kept = [case for case in kept if case.id in ids]
        asked = tuple(kept)
        if not asked:
            raise EvalError(
                f"no case is left of {len(cases)} (split={self.split}, lang={self.lang}, tag={self.tag}, "
                f"perturb={self.perturb}); widen the choice"
            )
        return asked


def read_config(path: Path | None, **overrides: Any) -> RunConfig:
    """Return the configuration in a TOML file, with what the command line gives on top.

    Raises:
        EvalError: If the file cannot be read, a key is unknown or a value is wrong.
    """
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise EvalError(f"cannot read the configuration {str(path)!r}: {error}") from error
    data |= {name: value for name, value in overrides.items() if value not in (None, ())}
    try:
        return RunConfig.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise EvalError(
            f"configuration {str(path or 'of the command line')!r}: {where}: {first['msg']} "
            f"(given {str(first['input'])!r:.60}); known keys: {', '.join(RunConfig.model_fields)}"
        ) from error
