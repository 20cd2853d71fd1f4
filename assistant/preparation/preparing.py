"""What a knowledge base holds for preparing a stay, read once: rules, steps, guides, statements, figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from assistant.errors import DocumentError
from assistant.knowledge import front_matter
from assistant.knowledge.data_file import Read
from assistant.knowledge.loading import read_text
from assistant.preparation.eligibility import Programme, read_programmes
from assistant.preparation.figures import Budget, read_budget
from assistant.preparation.readiness import Readiness, read_readiness
from assistant.preparation.steps import GUIDES, Steps, read_steps
from assistant.types import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """All that the base advises; a part whose file is missing or wrong is empty, and the others serve.

    Attributes:
        programmes: Rules by the name of their file without ending (``mevlana``), in the order of names.
        steps: What to do, in the order of the file.
        guides: Document of the guide by country code (``{"PL": "host_guides/poland"}``).
        readiness: The statements with their words; None if there are none.
        budget: The figures; None if there are none.
    """

    programmes: Mapping[str, Programme] = field(default_factory=lambda: MappingProxyType({}))
    steps: Steps = field(default_factory=lambda: Steps(steps=()))
    guides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    readiness: Readiness | None = None
    budget: Budget | None = None


def read_preparation(folder: Path) -> tuple[Preparation, tuple[Fault, ...]]:
    """Return what a knowledge base holds for the preparation, and what of it could not be read.

    Args:
        folder: The knowledge base.
    """
    programmes = read_programmes(folder)
    steps, readiness, budget = read_steps(folder), read_readiness(folder), read_budget(folder)
    return Preparation(
        programmes=MappingProxyType({Path(read.path).stem: read.value for read in programmes if read.value}),
        steps=steps.value or Steps(steps=()),
        guides=read_guides(folder),
        readiness=readiness.value,
        budget=budget.value,
    ), tuple(_faults(*programmes, steps, readiness, budget))


def read_guides(folder: Path) -> Mapping[str, str]:
    """Return the document of the guide by country code, from the heads of the guides; no section is parsed.

    One version of each guide is read, the next one only if the first is wrong. What is wrong in a guide is a fault
    of the documents and is reported with them.
    """
    countries: dict[str, str] = {}
    for path in sorted((folder / GUIDES).glob("*.md")):
        name = f"{GUIDES}/{path.name.partition('.')[0]}"
        if name not in countries and (country := _country(path)):
            countries[name] = country
    return MappingProxyType({country: name for name, country in reversed(countries.items())})


def _country(path: Path) -> str:
    """Return the country that a guide is about; empty if it names none or cannot be read."""
    try:
        matter = front_matter.parse(read_text(path)).matter
    except (DocumentError, OSError):
        return ""
    return matter.country if matter else ""


def _faults(*reads: Read) -> Iterator[Fault]:
    for read in reads:
        yield from read.faults
