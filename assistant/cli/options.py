"""The program, the options that several commands share, and the settings they change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assistant.settings import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Quoted answers about an exchange semester, in English, Russian and Kazakh, on your own machine.\n\n"
    "Begin with `assistant index`, then `assistant ask 'What GPA do I need?'` or `assistant serve`.\n\n"
    "`assistant eligibility` and `assistant plan` need no index: they read a profile of yourself.\n\n"
    "Exit codes: 0 done, 1 something went wrong and was said, 2 a wrong option.",
)

Base = Annotated[Path | None, typer.Option("--knowledge-base", help="Folder with the documents.", metavar="DIR")]
Data = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the index.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
Batch = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        metavar="FILE",
        help="JSON Lines with `id`, `question` and optionally `history` (earlier questions, oldest first); "
        "one JSON line per question is written, in order. `-` reads standard input.",
    ),
]
Asked = Annotated[str | None, typer.Argument(metavar="QUESTION", help="The question, in any of the languages.")]


def settings_of(**overrides: object) -> Settings:
    """Return the settings of the environment with those of the command line on top."""
    from assistant.offline import switch_off_calls_home
    from assistant.settings import load_settings

    switch_off_calls_home()
    return load_settings(**overrides)
