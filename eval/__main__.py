"""The measuring commands: ``python -m eval COMMAND``. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from eval import model_commands
from eval.terminal import Folder, Json, Run, Runs, errors, showing

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, help="Measure the assistant.")
app.add_typer(model_commands.app)


@app.callback()
def _commands() -> None:
    """Keep the commands' names, however few there are."""


@app.command()
def validate(dataset: Folder, as_json: Json = False) -> None:
    """Check a dataset: fields, gold quotes letter for letter, ids, languages, clusters in one split.

    Exit code 0 if nothing is wrong, 1 if a label is, 2 if the folder cannot be read.
    """
    from assistant.settings import load_settings
    from eval.cases import read_dataset
    from eval.corpus import units_of
    from eval.validation import validate as check

    with errors("validate"):
        known = read_dataset(dataset)
        findings = check(known, units_of(known, load_settings().knowledge_base))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False))
    else:
        for each in findings:
            typer.echo(str(each))
        typer.echo(f"{len(findings)} faults in {len(known.cases)} cases of {known.name}", err=True)
    if findings:
        raise typer.Exit(1)


@app.command()
def run(
    dataset: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The run folder; an unfinished run goes on.")],
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML file: system, split, lang, tag, limit, k, perturb, noise, seed."),
    ] = None,
    system: Annotated[
        str | None, typer.Option(help="assistant, generative, verified, bm25, dense, oracle or always_abstain.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only cases of this split: development or test.")] = None,
    lang: Annotated[list[str] | None, typer.Option(help="Only cases of this language; may be given again.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only cases with this tag; may be given again.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only N cases, drawn by a fixed seed.")] = None,
    perturb: Annotated[
        str | None, typer.Option(help="Type the questions otherwise: lower, typos, latin or injection.")
    ] = None,
    noise: Annotated[Path | None, typer.Option(metavar="DIR", help="Mix in the texts of another dataset.")] = None,
    work: Annotated[
        Path, typer.Option(metavar="DIR", help="Keeps documents and indexes of datasets with their own texts.")
    ] = Path("data/eval"),
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Processes that ask.")] = 1,
) -> None:
    """Ask a dataset and write records, nothing else; `score` says what they are worth.

    A dataset is a folder with cases.jsonl, and corpus.jsonl unless it asks about the knowledge base. For example

    python -m eval run eval/datasets/students --out runs/today
    """
    from eval.configuring import read_config
    from eval.running import run as ask

    overrides = {"system": system, "split": split, "lang": tuple(lang or ()), "tag": tuple(tag or ()), "limit": limit,
                 "perturb": perturb, "noise": noise}  # fmt: skip
    with errors("run"), showing("asking") as progress:
        settings = read_config(config, **overrides)
        asked = ask(dataset, out, settings, work=work, workers=workers, progress=progress)
    typer.echo(f"{asked} cases asked; the records lie in {out}", err=True)


@app.command()
def score(runs: Runs, as_json: Json = False) -> None:
    """Score complete runs: a pure function of their records. Exit code 3 if a run is incomplete."""
    from eval.runs import RunFolder
    from eval.scoring import score as judge
    from eval.tables import headline

    found = []
    with errors("score"):
        for folder in runs:
            found.append(judge(RunFolder(folder)))
            if not as_json:
                typer.echo(headline(found[-1]))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))


@app.command()
def report(
    target: Run,
    baseline: Annotated[
        list[Path] | None, typer.Option(metavar="RUN", help="A run to show beside it; may be given again.")
    ] = None,
) -> None:
    """Write report.html into a scored run folder: one file that fetches nothing."""
    from eval.reporting import report as write
    from eval.runs import RunFolder

    with errors("report"):
        page = write(RunFolder(target), [RunFolder(each) for each in baseline or ()])
    typer.echo(f"the report lies in {page}", err=True)


@app.command()
def compare(
    first: Run,
    second: Run,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write a page, too.")] = None,
    other_corpus: Annotated[
        bool, typer.Option("--other-corpus", help="The texts may differ: the knowledge base itself was changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what the second run does better or worse than the first, on the same cases."""
    from eval.comparing import compare as side_by_side
    from eval.runs import RunFolder
    from eval.tables import compared

    with errors("compare"):
        runs = RunFolder(first), RunFolder(second)
        found = side_by_side(*runs, other_corpus=other_corpus)
        if out is not None:
            from eval.reporting import compare_page

            typer.echo(f"the page lies in {compare_page(found, *runs, out)}", err=True)
    typer.echo(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else compared(found))


@app.command()
def gate(
    target: Run,
    baseline: Annotated[Path, typer.Option(metavar="FILE", help="The committed scores.")],
    renew: Annotated[bool, typer.Option("--renew", help="Write the baseline from this run instead.")] = False,
) -> None:
    """Compare a scored run with a committed baseline.

    Exit code 0: it may pass. 1: a primary metric fell, or a quote is not exact. 2: bad input. 3: the run is incomplete.
    """
    from eval.gating import gate as judge
    from eval.gating import read_baseline, write_baseline
    from eval.runs import RunFolder

    with errors("gate"):
        if renew:
            write_baseline(RunFolder(target), baseline)
            typer.echo(f"the baseline lies in {baseline}", err=True)
            return
        reasons = judge(RunFolder(target), read_baseline(baseline))
    for reason in reasons:
        typer.echo(reason)
    typer.echo("regression" if reasons else "pass", err=True)
    if reasons:
        raise typer.Exit(1)


@app.command("import")
def import_(
    answers: Annotated[Path, typer.Argument(metavar="FILE", help="Answers that a mentor has checked, as JSON lines.")],
    dataset: Annotated[Path, typer.Option("--out", metavar="DATASET", help="Folder whose cases.jsonl gets them.")],
    split: Annotated[str, typer.Option(help="development or test, for lines that do not say it.")] = "development",
) -> None:
    """Add answers that a mentor has checked to a dataset, as cases; what is there already stays.

    `assistant export` writes such a file. A line: id, question, lang, history (list), mentor, checked_on, tags,
    cluster, split, and either "unanswerable": true or "quotes", a list of {"document", "quote"} with the words of the
    knowledge base that answer.
    """
    from eval.importing import add

    with errors("import"):
        added, known = add(answers, dataset, split)
    typer.echo(f"{added} cases added to {dataset}, {known} were there already", err=True)


@app.command("export-trec")
def export_trec(
    target: Run, out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Gets run.trec and qrels.trec.")]
) -> None:
    """Write ranking and judgements of a scored run as the field's tools read them."""
    from eval.importing import export

    with errors("export-trec"):
        export(target, out)
    typer.echo(f"run.trec and qrels.trec lie in {out}", err=True)


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
    of_model: Annotated[
        bool, typer.Option("--fluency", help="Only what a language model costs, and whoever has none.")
    ] = False,
) -> None:
    """Measure speed and memory as ratios within one run, each with its two figures and its target.

    Builds a fresh index of the knowledge base first. Exit code 1 if a target is missed.
    """
    from assistant.errors import AssistantError
    from eval.bench import run
    from eval.bench_process import BenchError

    try:
        met = run(as_json=as_json, quick=quick, of_model=of_model)
    except (AssistantError, BenchError) as error:
        typer.echo(f"eval bench: {error}", err=True)
        raise typer.Exit(2) from error
    if not met:
        raise typer.Exit(1)


@app.command()
def calibrate(
    battery: Annotated[
        list[Path] | None, typer.Option("--battery", metavar="DIR", help="A question set with its own texts.")
    ] = None,
    dataset: Annotated[
        list[Path] | None,
        typer.Option("--dataset", metavar="DIR", help="A dataset that asks about the knowledge base."),
    ] = None,
    base: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The knowledge base; the shipped one if left out.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keeps documents and indexes; else they are thrown away.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")] = Path(
        "assistant/answering/calibration.json"
    ),
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Least support of an answer from a user's own documents; else it stays."),
    ] = None,
    curated_threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Least support of an answer from the curated base; else it stays."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw reliability and risk over coverage, before and after.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit what `support` means from labelled questions, and say how well it tells when to stay silent.

    Each question is asked with its source in place and with it removed. Batteries (corpus.jsonl, cases.jsonl,
    qrels.tsv) fit the models of a user's own documents: one for English, which the embedder reads, and one for the
    other languages; give sets for both. Datasets fit the models of the curated base; only their development cases are
    read. What nothing is given for stays as it is; so does a threshold that is not given. Figures are cross-validated.
    For example

    python -m eval calibrate --dataset eval/datasets/students --work work --page calibration.html
    """
    import tempfile

    from assistant.settings import content
    from eval.battery_files import BatteryError
    from eval.calibrate import Sources, run
    from eval.errors import EvalError

    if not battery and not dataset and threshold is None and curated_threshold is None:
        raise typer.BadParameter("give --battery, --dataset or a threshold; there is nothing to fit and nothing to set")
    with tempfile.TemporaryDirectory() as scratch, errors("calibrate"):
        sources = Sources(
            batteries=battery or (), datasets=dataset or (), base=base or content("knowledge_base"),
            work=work or Path(scratch),
        )  # fmt: skip
        try:
            figures = run(
                sources, out, page, lambda words: typer.echo(words, err=True),
                threshold=threshold, curated_threshold=curated_threshold,
            )  # fmt: skip
        except (BatteryError, OSError) as error:
            raise EvalError(str(error)) from error
    lines = [f"{label:<52} {value:.3f}" for label, value in figures.items()]
    typer.echo(json.dumps(figures) if as_json else "\n".join(lines))


@app.command()
def likeness(
    needs: Annotated[Path, typer.Argument(metavar="FILE", help="Needs with paraphrases and near misses.")],
    fit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Fit the model on these needs and write it here; else measure.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how well a mentor's answer reaches whoever asks the same in other words, and nobody else.

    Asks the index that serves, with a mentor's answer to every need laid over it. For example

    python -m eval likeness eval/datasets/mentor_answers/test.jsonl
    """
    from assistant.answering.likeness import Likeness
    from assistant.bootstrap import ServingIndex
    from assistant.settings import load_settings
    from eval import likeness as measuring

    with errors("likeness"):
        known, index = measuring.read_needs(needs), ServingIndex(load_settings())()
        with showing("questions") as progress:
            if fit:
                data = measuring.fit(known, index, progress)
                measuring.write_model(data, fit)
                typer.echo(f"serve {data['serve']:.3f}, suggest {data['suggest']:.3f}")
                return
            found = measuring.outcomes(known, *measuring.answering(known, index), progress)
    rows = measuring.table(found, Likeness.shipped())
    for row in rows:
        shown = "  ".join(f"{name} {value}" for name, value in row.items())
        typer.echo(json.dumps(row) if as_json else shown)


@app.command()
def verification(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Sentences with the section that each cites.")
    ] = None,
    fit: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Fit the model on these sentences and write it here.")
    ] = None,
    development: Annotated[
        Path, typer.Option(metavar="FILE", help="Sentences on which the bars of the peers are set.")
    ] = Path("eval/datasets/verification/development.jsonl"),
    quotes: Annotated[
        bool, typer.Option("--quotes", help="Judge altered quotes of the cited sections instead, made by program.")
    ] = False,
    gather: Annotated[
        Path | None, typer.Option(metavar="DIR", help="First join the files of this folder into the data sets.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how many altered sentences are rejected, and how many faithful ones, beside a fuzzy matcher and cosine.

    Asks the index that serves. For example

    python -m eval verification eval/datasets/verification/test.jsonl
    """
    from assistant.bootstrap import ServingIndex
    from assistant.settings import load_settings
    from eval import verification as measuring
    from eval import verification_fit as fitting
    from eval import verification_made as making
    from eval.likeness import write_model

    with errors("verification"):
        if gather:
            typer.echo(f"rows: {measuring.gather(gather, development.parent)}", err=True)
        if not files:
            return
        rows, index = measuring.read_rows(files), ServingIndex(load_settings())()
        rows = tuple(making.made(rows, index)) if quotes else rows
        with showing("sentences") as progress:
            if fit:
                model = fitting.fit(rows, index, progress)
                write_model(model, fit)
                typer.echo(f"thresholds {model['thresholds']}")
                return
            found = measuring.outcomes(rows, measuring.read_rows([development]), index, progress)
    for row in measuring.table(found):
        typer.echo(json.dumps(row) if as_json else measuring.shown(row))
    typer.echo(json.dumps(measuring.times(found)))


if __name__ == "__main__":
    app()
