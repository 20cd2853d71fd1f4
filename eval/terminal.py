"""What the commands share: arguments, a bar, and what is said when something goes wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DATASET", help="Folder with cases.jsonl.")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@contextmanager
def errors(command: str) -> Iterator[None]:
    """Turn what goes wrong on purpose into one line and its exit code."""
    from assistant.errors import AssistantError
    from eval.errors import EvalError

    try:
        yield
    except (AssistantError, EvalError, OSError) as error:
        typer.echo(f"eval {command}: {error}", err=True)
        raise typer.Exit(getattr(error, "exit_code", 2)) from error


@contextmanager
def showing(words: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
