"""YAML as plain texts, with the line of every field and of every fault.

Scalars are taken as they are written, not as YAML guesses them: ``NO`` is Norway and not false,
``2025`` is a year and not a number. What makes small YAML large or slow is refused.
"""

from __future__ import annotations

from typing import Any

import yaml

from assistant.knowledge.cleaning import clean

LARGEST_CHARACTERS = 64 * 1024
"""Largest front matter that is parsed; a real one has about 2,000 characters."""

FIRST_LINE = 2
"""Line of the file on which the raw front matter begins."""

KeyPath = tuple[str | int, ...]
Lines = dict[KeyPath, int]
"""Line of each field, by its path (``("asked_as", "gpa", 0)``)."""
Trouble = tuple[int, str]
"""Line and message of a fault."""

_DEEPEST = 8
_NO_ANCHORS = "YAML anchors (&) and aliases (*) are not read; put texts with & or * in quotation marks"
_NULL = "tag:yaml.org,2002:null"


def read_fields(
    raw: str, lines: Lines, *, first_line: int = FIRST_LINE, largest: int = LARGEST_CHARACTERS
) -> tuple[dict[str, Any] | None, list[Trouble]]:
    """Return the fields of raw YAML as texts, lists and dictionaries, and its faults.

    A field with nothing behind its name is None.

    Args:
        raw: The text, of front matter what stands between the fences.
        lines: Filled with the line of each field.
        first_line: Line of the file on which ``raw`` begins.
        largest: Characters that are parsed at most.
    """
    node, troubles = _compose(raw, largest)
    values = None if node is None else _mapping(node, (), lines, troubles)
    moved = first_line - FIRST_LINE
    for path in lines if moved else ():
        lines[path] += moved
    return values, [(line + moved, message) for line, message in troubles]


def top_level_keys(raw: str) -> frozenset[str]:
    """Return the keys of raw front matter; none if it is not a YAML mapping."""
    node, _ = _compose(raw, LARGEST_CHARACTERS)
    pairs = node.value if node is not None else ()
    return frozenset(key.value for key, _ in pairs if isinstance(key, yaml.ScalarNode))


def _compose(raw: str, largest: int) -> tuple[yaml.MappingNode | None, list[Trouble]]:
    """Return the YAML tree of ``raw``, or None with what stands against it."""
    if len(raw) > largest:
        return None, [(1, f"front matter of {len(raw)} characters; at most {largest}; shorten it")]
    try:
        troubles = _bombs(raw)
        node = None if troubles else yaml.compose(raw, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        problem = f"not YAML: {error.problem}; put texts with a colon in quotation marks"
        return None, [(_line(error.problem_mark), problem)]
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML passes "\\UFFFFFFFF" to chr() unchecked
        return None, [(FIRST_LINE, "not YAML: a character that cannot be printed; remove it")]
    if troubles:
        return None, troubles
    if not isinstance(node, yaml.MappingNode):
        return None, [(FIRST_LINE, "front matter is not a list of fields; write 'title: …' and so on, one a line")]
    return node, []


def _bombs(raw: str) -> list[Trouble]:
    """Return what makes small YAML large or slow: anchors, and nesting (50 s for 32,000 brackets)."""
    depth = 0
    for event in yaml.parse(raw, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return [(_line(event.start_mark), f"YAML nested over {_DEEPEST} deep; write plain fields")]
        if getattr(event, "anchor", None):
            return [(_line(event.start_mark), _NO_ANCHORS)]
    return []


def _line(mark: Any) -> int:
    """Return the line in the file of a YAML mark; the raw front matter begins below its fence."""
    return mark.line + FIRST_LINE if mark is not None else FIRST_LINE


def _plain(node: yaml.Node, path: KeyPath, lines: Lines, troubles: list[Trouble]) -> Any:
    """Return ``node`` as texts, lists and dictionaries; fills ``lines`` and ``troubles``."""
    lines.setdefault(path, _line(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, troubles)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, i), lines, troubles) for i, item in enumerate(node.value)]
    return clean(str(node.value))


def _mapping(node: yaml.MappingNode, path: KeyPath, lines: Lines, troubles: list[Trouble]) -> dict[str, Any]:
    """Return ``node`` as a dictionary; a key that comes twice is trouble."""
    values: dict[str, Any] = {}
    for key, value in node.value:
        line = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            troubles.append((line, "a field's name is a list; it must be one word; write 'name: value'"))
        elif (*path, key.value) in lines:
            troubles.append((line, f"{key.value!r} stands here twice; a field is given once; remove one"))
        else:
            lines[(*path, key.value)] = line
            is_blank = value.tag == _NULL and not path
            values[key.value] = None if is_blank else _plain(value, (*path, key.value), lines, troubles)
    return values
