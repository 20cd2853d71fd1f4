"""Plain controls: labelled, filled, and safe whatever is put into them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.plan.controls import controls, entries, number, radios, select, text, tick

ATTACK = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
NAMES = st.text("abcdefghij-123", min_size=1, max_size=12)


class Tags(HTMLParser):
    """Collects the tags of a text with their attributes, and the words between them."""

    def __init__(self, html: str) -> None:
        """Read ``html``."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of all tags of one name."""
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.mark.parametrize(
    "made",
    [
        entries(ATTACK, ""),
        select(ATTACK, ATTACK, [(ATTACK, ATTACK)], ATTACK, hint=ATTACK),
        number(ATTACK, ATTACK, ATTACK, hint=ATTACK),
        text(ATTACK, ATTACK, ATTACK),
        radios(ATTACK, ATTACK, [(ATTACK, ATTACK)], ATTACK),
        tick(ATTACK, "label", ticked=True),
    ],
    ids=["entries", "select", "number", "text", "radios", "tick"],
)
def test_nothing_put_into_a_control_becomes_a_tag(made: str) -> None:
    """Names, labels, choices, values and hints stay text, also inside attributes."""
    found = Tags(made)
    assert not found.named("script")
    assert not found.named("img")
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)


def test_controls_are_known_by_their_names() -> None:
    """Each name is found once, in order, whatever the labels say."""
    made = text("a", 'no name="x" here') + radios("b", "B", [("1", "one"), ("2", "two")]) + tick("c", "C", ticked=True)
    assert controls(made) == ("a", "b", "c")


@given(NAMES, TEXTS, TEXTS)
def test_an_input_shows_what_was_entered_under_its_label(name: str, label: str, value: str) -> None:
    """Whatever was typed stands in the input again, letter for letter, and its label points to it."""
    for made in (number(name, label, value), text(name, label, value)):
        found = Tags(made)
        (box,), (words,) = found.named("input"), found.named("label")
        assert box["value"] == value
        assert box["name"] == name
        assert box["id"] == words["for"]
        assert label in found.words


@given(st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=6, unique_by=lambda each: each[0]), st.data())
def test_exactly_what_was_chosen_is_marked(choices: list[tuple[str, str]], data: st.DataObject) -> None:
    """Of a list or of visible choices, the chosen one is marked and no other; an unknown one marks none."""
    chosen = data.draw(st.sampled_from([value for value, _ in choices]) | st.just("unknown"))
    marked = [chosen] if chosen != "unknown" else []
    options = Tags(select("x", "label", choices, chosen)).named("option")
    assert [each["value"] for each in options if "selected" in each] == marked
    buttons = Tags(radios("x", "label", choices, chosen)).named("input")
    assert [each["value"] for each in buttons if "checked" in each] == marked


def test_visible_choices_are_one_group_with_a_label_each() -> None:
    """A group has its legend; each of its buttons has the group's name, an own id and an own label."""
    found = Tags(radios("level", "Level", [("", "not said"), ("bachelor", "bachelor"), ("master", "master")]))
    assert [tag for tag, _ in found.tags[:2]] == ["fieldset", "legend"]
    buttons = found.named("input")
    assert {each["name"] for each in buttons} == {"level"}
    assert len({each["id"] for each in buttons}) == 3
    assert [each["id"] for each in buttons] == [each["for"] for each in found.named("label")]


@pytest.mark.parametrize("ticked", [True, False])
def test_a_box_is_ticked_if_it_is_said(ticked: bool) -> None:
    """A box carries its state and its label."""
    found = Tags(tick("passport", "<b>Passport</b>", ticked=ticked))
    assert ("checked" in found.named("input")[0]) is ticked
    assert found.named("label")[0]["for"] == found.named("input")[0]["id"] == "f-passport"


def test_a_hint_stands_in_the_label_and_only_if_there_is_one() -> None:
    """A hint is read with the label; without one nothing empty is left."""
    assert re.search(r"<label[^>]*>GPA<small>to 4</small></label>", number("gpa", "GPA", hint="to 4"))
    assert "<small>" not in number("gpa", "GPA")


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_entered_leaves_an_input_empty(nothing: object) -> None:
    """No value is an empty input and not the word None."""
    assert Tags(number("gpa", "GPA", nothing)).named("input")[0]["value"] == ""
    assert Tags(text("name", "Name", nothing)).named("input")[0]["value"] == ""
