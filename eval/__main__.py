"""The measuring commands: ``python -m eval COMMAND``. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, help="Measure the assistant.")

Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@app.callback()
def _commands() -> None:
    """Keep the commands' names, however few there are."""


@app.command()
def own(
    as_json: Json = False,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="DIR", help="Folder with another cases.jsonl.")
    ] = None,
) -> None:
    """Ask our own sixty questions on the knowledge base and score the replies."""
    from assistant.errors import AssistantError
    from eval.own import DATASET, as_data, as_text, ask_all, read_cases

    try:
        verdicts = ask_all(read_cases(cases or DATASET))
    except (AssistantError, ValueError, OSError) as error:
        typer.echo(f"eval own: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(json.dumps(as_data(verdicts), ensure_ascii=False) if as_json else as_text(verdicts))


@app.command()
def batteries(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="With corpus.jsonl, cases.jsonl and qrels.tsv.")
    ],
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keeps documents and indexes; else they are thrown away.")
    ] = None,
    as_json: Json = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Ask only N questions of each set, drawn by a fixed seed.")
    ] = None,
) -> None:
    """Measure retrieval, quotes and abstention on public question sets, beside the tutorial pipeline.

    The assistant is driven by its public command line. The tutorial pipeline runs over the same texts in the same
    run: one MiniLM vector per text in Chroma. Intervals are 95 %, by a bootstrap over clusters of questions.
    """
    from assistant.errors import AssistantError
    from eval.batteries import run
    from eval.battery_files import BatteryError

    try:
        run(folders, work, limit, as_json=as_json)
    except (AssistantError, BatteryError) as error:
        typer.echo(f"eval batteries: {error}", err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
