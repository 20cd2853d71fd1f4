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
    """Ask our own questions on the knowledge base and score the replies."""
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


@app.command()
def bench(
    as_json: Json = False,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the base of 200,000 sentences.")] = False,
) -> None:
    """Measure speed and memory as ratios within one run, each with its two figures and its target.

    Builds a fresh index of the knowledge base first. Exit code 1 if a target is missed.
    """
    from assistant.errors import AssistantError
    from eval.bench import run
    from eval.bench_process import BenchError

    try:
        met = run(as_json=as_json, quick=quick)
    except (AssistantError, BenchError) as error:
        typer.echo(f"eval bench: {error}", err=True)
        raise typer.Exit(2) from error
    if not met:
        raise typer.Exit(1)


@app.command()
def calibrate(
    battery: Annotated[
        list[Path], typer.Option("--battery", metavar="DIR", help="A question set; give the option once for each.")
    ],
    base: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The curated base; the shipped one if left out.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keeps documents and indexes; else they are thrown away.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")] = Path(
        "assistant/answering/calibration.json"
    ),
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Least support of an answer; the present one if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit what `support` means from labelled questions, and say how well it tells when to stay silent.

    A set is a folder with corpus.jsonl, cases.jsonl and qrels.tsv. Its texts become documents, an index is built,
    and each question is asked with its source in place, with the texts that answer it removed ("near"), and with
    the whole article removed ("far"). Figures are AUROC, cross-validated by article. Two models are fitted: one for
    English, which the embedder reads, and one for the other languages; give sets for both, for example

    python -m eval calibrate --battery sets/xquadr --battery sets/squad2 --work work
    """
    import tempfile

    from assistant.errors import AssistantError
    from assistant.settings import content
    from eval.battery_files import BatteryError
    from eval.calibrate import run

    with tempfile.TemporaryDirectory() as scratch:
        try:
            figures = run(
                battery,
                base or content("knowledge_base"),
                work or Path(scratch),
                out,
                threshold,
                lambda words: typer.echo(words, err=True),
            )
        except (AssistantError, BatteryError, OSError) as error:
            typer.echo(f"eval calibrate: {error}", err=True)
            raise typer.Exit(2) from error
    lines = [f"{label:<40} {value:.3f}" for label, value in figures.items()]
    typer.echo(json.dumps(figures) if as_json else "\n".join(lines))


if __name__ == "__main__":
    app()
