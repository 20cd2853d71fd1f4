"""The preparation steps: their form, and that each is bound to a section that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.preparation.steps import Phase, Steps, check_steps, read_steps

SECTIONS = frozenset({"regulations/rules#gpa", "host_guides/poland#visa", "host_guides/turkiye#visa"})
GOOD = """# what to do and when
steps:
  - id: check-gpa
    phase: choose
    due: {months_before: 10}
    title: {en: Check your GPA, ru: Проверьте GPA, kk: GPA тексеріңіз}
    why: {en: It decides., ru: Он решает., kk: Ол шешеді.}
    section: regulations/rules#gpa
  - id: visa
    phase: arrange
    due: {months_before: 3}
    when: {destination: [PL, TR], school_practice: true}
    title: {en: Apply for the visa, ru: Подайте на визу, kk: Виза сұраңыз}
    why: {en: It takes time., ru: Это долго., kk: Бұл ұзақ.}
    section: host_guides/{destination}#visa
"""


def written(folder: Path, text: str) -> Path:
    """Return the folder after writing its steps."""
    (folder / "preparation.yaml").write_text(text, encoding="utf-8")
    return folder


def test_steps_are_read_with_phase_day_and_condition(tmp_path: Path) -> None:
    """Texts become typed values; what a condition leaves out concerns everybody."""
    steps = read_steps(written(tmp_path, GOOD)).value
    assert isinstance(steps, Steps)
    first, second = steps.steps
    assert (first.phase, first.due.months_before, first.when.destination) == (Phase.CHOOSE, 10, ())
    assert (second.when.destination, second.when.school_practice) == (("PL", "TR"), True)
    assert second.title["kk"] == "Виза сұраңыз"
    assert not check_steps(tmp_path, SECTIONS)


def test_a_base_without_steps_has_no_fault(tmp_path: Path) -> None:
    """The file may be missing."""
    assert read_steps(tmp_path).value is None
    assert check_steps(tmp_path, SECTIONS) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("due: {months_before: 10}", "due: {months_before: 10, days_before_end: 3}", 5, "gives 2 days"),
        ("due: {months_before: 10}", "due: {}", 5, "gives 0 days"),
        ("phase: choose", "phase: dream", 4, "wrong form"),
        ("ru: Проверьте GPA, ", "", 6, "title.ru is missing"),
        ("rules#gpa", "rules#gba", 8, "no section 'regulations/rules#gba'"),
        ("id: visa", "id: check-gpa", 9, "stands here twice"),
        ("{destination}#visa", "{destination}#vista", 15, "no section 'host_guides/poland#vista'"),
        ("    phase: arrange\n", "    phase: arrange\n    colour: red\n", 11, "not a field"),
        ("steps:", "steps: [", 0, "not YAML"),
    ],
)
def test_faults_name_file_line_and_way_out(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    """Each sort of mistake is found where it stands."""
    faults = check_steps(written(tmp_path, GOOD.replace(old, new, 1)), SECTIONS)
    assert faults
    assert any(words in fault.message for fault in faults), faults
    assert all(fault.path == "preparation.yaml" for fault in faults)
    assert not line or faults[0].line == line
