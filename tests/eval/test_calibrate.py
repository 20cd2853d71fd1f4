"""Fitting the abstention: weights, signs, refusals, and a file that says what it stands on."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from eval_fakes import command

from assistant.answering.support import DENSE_SIGNALS, PROJECTED_SIGNALS, SIGNS, Calibration
from eval.battery_files import BatteryError
from eval.calibrate import _by_model, _write, aurocs, cross_validated, example_weights, fit
from eval.calibration_cases import rounds
from eval.calibration_effect import Judged, draw
from eval.calibration_examples import Example, Kind
from eval.cases import Case

SHIPPED = Path(__file__).parents[2] / "assistant" / "answering" / "calibration.json"


def example(answerable: bool, kind: Kind = "labelled", battery: str = "a", cluster: str = "c", **own: float) -> Example:
    """Return an example whose other signals are zero."""
    return Example(
        battery,
        "ru",
        kind,
        answerable,
        cluster,
        dict.fromkeys(SIGNS.keys() - DENSE_SIGNALS - PROJECTED_SIGNALS, 0.0) | own,
    )


def many(number: int = 200) -> list[Example]:
    """Return examples in which only ``sentence`` tells, and ``rarity`` by chance the wrong way."""
    chance = random.Random(1)
    return [
        example(bool(i % 2), cluster=f"c{i % 20}", sentence=i % 2 + chance.gauss(0, 0.5), rarity=0.2 * (i % 2))
        for i in range(number)
    ]


def test_a_signal_with_the_wrong_sign_is_left_out() -> None:
    """Rarity may only lower support; data in which it raises it do not bring it in."""
    model = fit(many(), ("sentence", "rarity"))
    assert model.features == ("sentence",)
    assert model.coefficients[0] > 0


def test_classes_sets_and_kinds_count_as_they_should() -> None:
    """A set counts once, its classes half each, its kinds of unanswerable questions by their shares."""
    examples = [example(True)] * 300 + [example(False)] * 100 + [example(False, "far")] * 200
    examples += [example(True, battery="b")] * 100 + [example(False, battery="b")] * 100
    weights = example_weights(examples)
    assert weights.mean() == pytest.approx(1)
    sums = [weights[:300].sum(), weights[300:400].sum(), weights[400:600].sum(), weights[600:700].sum()]
    assert np.array(sums) / sums[0] == pytest.approx([1, 4 / 5, 1 / 5, 1])


def test_auroc_is_counted_by_set_and_kind() -> None:
    """Of four pairs of scores three are in order."""
    examples = [example(True), example(True), example(False, "near"), example(False, "near"), example(False, "far")]
    assert aurocs(examples, np.array([0.9, 0.4, 0.5, 0.1, 0.0])) == {"a ru far": 1.0, "a ru near": 0.75}


def test_figures_are_the_same_again_and_near_what_is_true() -> None:
    """Cross-validation draws nothing by chance."""
    first = cross_validated(many(), ("sentence",))
    assert np.array_equal(first, cross_validated(many(), ("sentence",)))
    assert (
        0.85 < aurocs(many(), first)["a ru labelled"] < 0.97
    )  # two normal curves, two standard deviations apart: 0.92


def test_too_few_questions_are_refused() -> None:
    """The message gives the numbers and the way out."""
    with pytest.raises(BatteryError, match=r"dense model has 0 answerable .* 60 of each: .*--battery"):
        _by_model(many(), curated=False)


def test_the_same_data_leave_the_file_alone(tmp_path: Path) -> None:
    """Only the day differs: the file stays as it is; a new figure replaces it."""
    out = tmp_path / "calibration.json"
    _write(out, {"threshold": 0.5, "provenance": {"own": {"fitted_on": "2026-01-01", "n": 1}}})
    before = out.read_bytes()
    _write(out, {"threshold": 0.5, "provenance": {"own": {"fitted_on": "2026-02-02", "n": 1}}})
    assert out.read_bytes() == before
    _write(out, {"threshold": 0.5, "provenance": {"own": {"fitted_on": "2026-02-02", "n": 2}}})
    assert json.loads(out.read_text(encoding="utf-8"))["provenance"]["own"] == {"fitted_on": "2026-02-02", "n": 2}


def test_the_shipped_file_says_what_it_stands_on() -> None:
    """Its sets have digests, numbers and figures."""
    Calibration.from_file(SHIPPED)
    provenance = json.loads(SHIPPED.read_text(encoding="utf-8"))["provenance"]
    assert provenance.keys() == {"own", "curated"}
    for part in provenance.values():
        assert part["scikit_learn"]
        assert part["figures"]
        assert all(each["sha256"] and each["examples"] for each in part["sets"].values())


@pytest.mark.parametrize(
    ("options", "bars"),
    [
        (("--threshold", "0.2"), (0.2, 0.25)),
        (("--curated-threshold", "0.3"), (0.1, 0.3)),
        (("--threshold", "0", "--curated-threshold", "1"), (0.0, 1.0)),
    ],
)
def test_each_bar_is_set_alone(tmp_path: Path, options: tuple[str, ...], bars: tuple[float, float]) -> None:
    """The other one stays, and so does all else in the file; without sets nothing is fitted."""
    out = tmp_path / "calibration.json"
    shutil.copyfile(SHIPPED, out)
    done = command("calibrate", "--out", out, *options)
    assert (done.exit_code, done.stdout) == (0, "\n")
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (SHIPPED, out))
    assert (before["threshold"], before["curated_threshold"]) == (0.1, 0.25)
    assert after == before | {"threshold": bars[0], "curated_threshold": bars[1]}
    found = Calibration.from_file(out)
    assert [found.suffices(bar, curated=curated) for curated, bar in enumerate(bars)] == [True, True]


@pytest.mark.parametrize("options", [(), ("--threshold", "1.5"), ("--curated-threshold", "-0.1")])
def test_nothing_to_do_and_a_bar_that_is_no_probability_are_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The file stays as it is."""
    out = tmp_path / "calibration.json"
    assert command("calibrate", "--out", out, *options).exit_code == 2
    assert not out.exists()


def removable(name: str, *documents: str) -> Case:
    """Return a case that these documents answer."""
    return Case(id=name, lang="en", question="q", answerability="answerable", gold_doc_ids=documents)


def test_every_case_is_asked_once_without_its_documents() -> None:
    """Documents are removed in rounds of few; a case with more than a round holds has one of its own."""
    cases = [removable(f"c{n}", f"d{n}", f"e{n}") for n in range(20)] + [removable("big", *map(str, range(30)))]
    found = list(rounds(cases))
    assert sorted(case.id for _, own in found for case in own) == sorted(case.id for case in cases)
    assert all(gone.issuperset(case.gold_doc_ids) for gone, own in found for case in own)
    assert max(len(gone) for gone, own in found if own[0].id != "big") <= 14


def test_before_and_after_are_drawn_and_counted(tmp_path: Path) -> None:
    """A fit that orders the questions rightly has an AUROC of 1, one that turns them round of 0."""
    labels = np.array([True, False] * 20)
    judged = Judged(labels, np.where(labels, 0.2, 0.8), np.where(labels, 0.9, 0.1))
    figures = judged.figures()
    assert (figures["AUROC before"], figures["AUROC after"]) == (0, 1)
    assert figures["calibration error after"] == pytest.approx(0.1)
    draw({"curated_dense": judged}, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "http" not in page.replace("http-equiv", "")
