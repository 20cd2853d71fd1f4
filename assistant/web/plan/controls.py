"""Plain HTML controls: the pickers of the visitor's own phone, labelled, without scripts.

What is changed in one of them reaches the page through the script, which reads every named
control of the block of entries around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

Choice = tuple[str, str]
"""Value and words of one choice."""


_NAMED = re.compile(r' name="([^"]*)"')


def controls(made: str) -> tuple[str, ...]:
    """Return the names of the controls in HTML made here, each once, in their order."""
    return tuple(dict.fromkeys(_NAMED.findall(made)))


def entries(name: str, body: str) -> str:
    """Return a block of controls that is sent as one whole when one of them changes."""
    return f'<div class="entries" id="entries-{escape(name)}">{body}</div>'


def select(name: str, label: str, choices: Iterable[Choice], chosen: object = None, *, hint: str = "") -> str:
    """Return a list of choices under its label; the first one stands until one is chosen."""
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'
        for value, words in choices
    )
    return _field(name, label, f'<select name="{escape(name)}" id="f-{escape(name)}">{options}</select>', hint)


def number(name: str, label: str, value: object = "", *, hint: str = "", mode: str = "decimal") -> str:
    """Return a short input for a figure; it takes any text, so that a slip can be explained and not swallowed."""
    shown = "" if value is None else escape(str(value))
    box = (
        f'<input type="text" inputmode="{mode}" maxlength="20" name="{escape(name)}" '
        f'id="f-{escape(name)}" value="{shown}">'
    )
    return _field(name, label, box, hint)


def text(name: str, label: str, value: object = "", *, longest: int = 60) -> str:
    """Return a short input for words."""
    shown = escape(str(value or ""))
    box = f'<input type="text" maxlength="{longest}" name="{escape(name)}" id="f-{escape(name)}" value="{shown}">'
    return _field(name, label, box, "")


def radios(name: str, label: str, choices: Sequence[Choice], chosen: object = None) -> str:
    """Return choices of which all can be seen, as a group with its label."""
    buttons = "".join(
        f'<span><input type="radio" name="{escape(name)}" id="f-{escape(name)}-{escape(value)}" '
        f'value="{escape(value)}"{" checked" if value == chosen else ""}>'
        f'<label for="f-{escape(name)}-{escape(value)}">{escape(words)}</label></span>'
        for value, words in choices
    )
    return f'<fieldset class="field radios"><legend>{escape(label)}</legend>{buttons}</fieldset>'


def tick(name: str, label: str, *, ticked: bool) -> str:
    """Return a box to tick, with its label beside it; the label is HTML."""
    state = " checked" if ticked else ""
    return (
        f'<input type="checkbox" class="tick" name="{escape(name)}" id="f-{escape(name)}"{state}>'
        f'<label for="f-{escape(name)}">{label}</label>'
    )


def _field(name: str, label: str, control: str, hint: str) -> str:
    """Return a control under its label, with a hint between them if there is one."""
    below = f"<small>{escape(hint)}</small>" if hint else ""
    return f'<div class="field"><label for="f-{escape(name)}">{escape(label)}{below}</label>{control}</div>'
