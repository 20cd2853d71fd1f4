"""YAML data files of the knowledge base beside its documents: read, validated, every fault with its line."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from assistant.errors import DocumentError
from assistant.knowledge.lined_yaml import Lines, read_fields
from assistant.knowledge.loading import read_text
from assistant.types import Fault, Language

LARGEST_CHARACTERS = 2 * 1024 * 1024
"""Largest data file; a glossary of a thousand terms has about 700,000 characters."""

Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
SectionId = Annotated[str, Field(pattern=r"^[a-z0-9_]+(?:/(?:[a-z0-9_]+|\{destination\}))+#[a-z0-9][a-z0-9-]*$")]


class Strict(BaseModel):
    """A value that refuses unknown fields and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class InLanguages(Strict):
    """One text in the three languages."""

    en: Text
    ru: Text
    kk: Text

    def __getitem__(self, language: Language) -> str:
        """Return the text in a language."""
        text: str = getattr(self, language)
        return text


Model = TypeVar("Model", bound=BaseModel)


class Read(Strict):
    """A data file as far as it could be read.

    Attributes:
        path: Its path inside the knowledge base.
        value: What it holds; None if the file is missing or wrong.
        lines: Line of each field, by its path.
        faults: What is wrong with it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    path: str
    value: Any = None
    lines: dict[tuple[str | int, ...], int] = Field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def line(self, *path: str | int) -> int:
        """Return the line of a field, or of the nearest one around it."""
        return next((self.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.lines), 1)

    def fault(self, message: str, *path: str | int) -> Fault:
        """Return a fault at a field."""
        return Fault(self.path, self.line(*path), message)


def read_data(folder: Path, path: PurePosixPath, model: type[Model]) -> Read:
    """Return the data file at ``path`` inside ``folder`` as a ``model``.

    A file that is not there has no value and no fault.
    """
    shown = path.as_posix()
    file = folder / path
    if not file.is_file():
        return Read(path=shown)
    try:
        raw = read_text(file)
    except (DocumentError, OSError) as error:
        return Read(path=shown, faults=(Fault(shown, 1, str(error)),))
    lines: Lines = {}
    values, troubles = read_fields(raw, lines, first_line=1, largest=LARGEST_CHARACTERS)
    value: Model | None = None
    if values is not None and not troubles:
        try:
            value = model.model_validate(values)
        except ValidationError as error:
            found = Read(path=shown, lines=lines)
            faults = tuple(found.fault(_message(each), *each["loc"]) for each in error.errors(include_url=False))
            return Read(path=shown, lines=lines, faults=faults)
    return Read(path=shown, value=value, lines=lines, faults=tuple(Fault(shown, *trouble) for trouble in troubles))


def _message(detail: ErrorDetails) -> str:
    """Return value, rule and way out of one fault of validation."""
    name = ".".join(str(part) for part in detail["loc"])
    shown = f"{name}: {str(detail['input'])[:80]!r}"
    match detail["type"]:
        case "missing":
            return f"{name} is missing; add it"
        case "extra_forbidden":
            return f"{name!r} is not a field here; rename or remove it"
        case "value_error":
            return f"{shown} {detail['ctx']['error']}"
        case _:
            return f"{shown} has the wrong form ({detail['msg']}); write it as in the README's example"
