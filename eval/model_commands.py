"""The commands about language models: those who judge, and those who compose. Not imported without need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.terminal import Folder, Json, Runs, errors, showing

if TYPE_CHECKING:
    from assistant.bootstrap import Model
    from assistant.settings import Settings
    from eval.judging import Judge

app = typer.Typer()
Work = Annotated[Path, typer.Option(metavar="DIR", help="Keeps what takes long to make, verdicts among it.")]


@app.command()
def judge(
    runs: Runs,
    model: Annotated[str | None, typer.Option(metavar="openai:NAME", help="The judge; ASSISTANT_LLM if unset.")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it answers; ASSISTANT_LLM_BASE_URL if unset.")
    ] = None,
    work: Work = Path("data/eval"),
    as_json: Json = False,
) -> None:
    """Let a language model judge the answers of complete runs through RAGAS: are they faithful, and to the point?

    Writes judged.jsonl beside each run's files. Nothing is gated by it, and a second run asks nothing again. The key
    comes from ASSISTANT_LLM_API_KEY. Exit code 3 if not one answer of a run could be judged.
    """
    from assistant.settings import load_settings
    from eval.judging import Verdicts, answered
    from eval.judging import judge as ask
    from eval.runs import RunFolder
    from eval.tables import judged

    found = []
    with errors("judge"):
        settings = load_settings(llm=model, llm_base_url=base_url)
        opened, by = _judge(settings)
        with Verdicts.at(work / "verdicts.sqlite") as known:
            for folder in map(RunFolder, runs):
                shown = answered(folder, opened.mask)
                typer.echo(_told(opened, by, settings, len(shown)), err=True)
                with showing("judging") as progress:
                    found.append(ask(folder, shown, by, known, workers=settings.llm_concurrency, progress=progress))
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(map(judged, found)))
    if not all(each["slices"]["all"] for each in found):
        raise typer.Exit(3)


def _judge(settings: Settings) -> tuple[Model, Judge]:
    """Return the configured model, and RAGAS asking it.

    Raises:
        EvalError: If there is no model, or no RAGAS.
    """
    from assistant.bootstrap import open_model, question_embedder
    from eval.errors import EvalError

    if (model := open_model(settings)) is None:
        raise EvalError("a judge is a language model; give --model, or set ASSISTANT_LLM, see the README")
    try:
        from eval.ragas_judge import RagasJudge
    except ImportError as error:
        raise EvalError(
            f"judging needs RAGAS, which wants other versions of some packages than ours ({error.name} is missing); "
            "`make judges` gives it a place of its own: .venv-judges/bin/python -m eval judge RUN"
        ) from error
    return model, RagasJudge(model.writer, model.host, question_embedder(settings), settings.llm_seconds)


def _told(model: Model, by: Judge, settings: Settings, answers: int) -> str:
    """Return who judges how much, and what leaves this machine for it."""
    each = sum(by.requests.values())
    where = "to this machine only" if model.local else f"LEAVES THIS MACHINE, to {model.host}"
    how = "personal data masked" if settings.llm_mask else "personal data NOT masked"
    key = ", with the key in ASSISTANT_LLM_API_KEY" if settings.llm_api_key else ""
    other = f"; questions go to {settings.embedding_base_url}, too" if settings.embedding_base_url else ""
    return (
        f"{by.told['name']} judges {answers} answers by {by.told['version']}, in at most {answers * each} requests; "
        f"what is sent, {where}{key}: questions ({how}), answers, and the sections that they cite{other}"
    )


@app.command()
def composers(
    dataset: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Gets a run folder for each, and composers.json.")],
    system: Annotated[
        list[str] | None, typer.Option(help="generative or verified; may be given again. Both if left out.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only cases of this split: development or test.")] = None,
    lang: Annotated[list[str] | None, typer.Option(help="Only cases of this language; may be given again.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only N cases, drawn by a fixed seed.")] = None,
    work: Work = Path("data/eval"),
    as_json: Json = False,
) -> None:
    """Compare who puts replies into words: quotes alone, the configured model, and the mentors' published answers.

    All are asked the same cases in the same order, one after the other by one process. Each column has its figure, its
    interval, and the difference from the quotes alone. Exit code 1 if a quote or a mark is not exact.
    """
    from assistant.settings import load_settings
    from eval.composers import composers as ask
    from eval.configuring import read_config
    from eval.errors import EvalError
    from eval.tables import composed

    with errors("composers"):
        config = read_config(None, split=split, lang=tuple(lang or ()), limit=limit)
        systems = [read_config(None, system=each).system for each in system or ("generative", "verified")]
        if "generative" in systems and not load_settings().llm:
            raise EvalError("'generative' needs a language model; set ASSISTANT_LLM, or give --system verified alone")
        found = ask(dataset, out, systems, config, work=work, showing=showing)
    typer.echo(json.dumps([each.as_dict() for each in found], ensure_ascii=False) if as_json else composed(found))
    faults = [fault for each in found for fault in each.faults]
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)
