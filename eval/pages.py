"""Pages from templates: one file each, written as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    """Return a page of this folder's template."""
    loader = FileSystemLoader(Path(__file__).parent)
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return pages.get_template(template).render(values)


def write(path: Path, page: str) -> Path:
    """Write a page as a whole, never half."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(page, encoding="utf-8")
    return partial.replace(path)
