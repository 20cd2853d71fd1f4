"""Names of persons in free text, by what stands in them and around them.

Words are compared in the folded form that search uses too, so that one list of given names serves both alphabets, and
endings of Russian and Kazakh are taken off. A name is told by a given name, a patronymic or a surname by its ending, by
a title, role or kinship before it (Kazakh: after it), or by an introduction ("my name is"). Whoever a university, a
programme or a street is called after is no person here.

Missed: names that are on no list and stand without such a sign. Of given names drawn at random for a sentence
without any sign, 42 of 100 Russian ones (many of them rare), 79 Polish, 77 American, 48 German and 4 Turkish ones
were found; of Russian given names with surnames, all. Missed too are nicknames, and unlisted names in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.knowledge.transliteration import fold
from assistant.records.name_words import (
    folded_words,
    forms_of,
    given_names,
    is_certain,
    is_family,
    is_given,
    is_other,
    is_role,
    listed,
)

LONGEST_WORD = 30
SHORTEST_SMALL = 5
"""Letters from which a listed name in small letters is taken for one."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAD = " \t«\"“'(-–—*#•>"
_UPPER = "[A-ZА-ЯӘІҢҒҮҰҚӨҺŁŚŻŹĆÇİÖŞÜ]"
_INITIAL_BEFORE = re.compile(rf"(?:^|[^\w]){_UPPER}\.[ ]?$")
_INITIAL_AFTER = re.compile(rf"[ ]{_UPPER}\.")

_INTRODUCED = re.compile(
    r"(?:my name(?:'s| is)|(?:was|is|were|are) called|(?<!\w)i am|(?<!\w)i[’']m|звали|зовут|атым|есімім|"
    r"\w{0,20}(?:ның|нің|дың|дің|тың|тің) аты|(?:подпись|signed|қолы)\s?:)\s?[:,\-–—]?\s$",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"(?:имени|им\.|named after|in honou?r of|honou?ring|памяти|премия|prize|программ\w{0,3}|университет\w{0,3}|"
    r"обществ\w{0,2}|фонд\w{0,2}|орден\w{0,2}|institute of|university of|"
    r"улиц\w{0,2}|ул\.|проспект\w{0,2})\s(?:\w\.\s?){0,2}$",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"(?:\s(?:[A-ZА-ЯӘІҢҒҮҰҚӨҺ]\w{1,20}|хан))?\s(?i:named\b|атындағы|universit|университет|institut|институт|college|колледж|"
    r"academy|академи|prize|сыйлығы|library|кітапхана|school\b|мектеп|programme|program\b|бағдарлама|scholarship|стипенди|street|"
    r"көше|даңғыл|airport|әуежай|societ|foundation|қоғам|қор[ыд]|museum|музей|мұражай|theat|театр|award|grant|square|алаң)"
)
# What persons do to one another: a word with a capital inside a sentence, before one of these, is somebody.
_ACTS = re.compile(
    r"(?:\s[A-ZА-ЯӘІҢҒҮҰҚӨҺŁŚŻŹĆÇİÖŞÜ][^\W\d_]{1,25})?\s(?:helped|told|said|asked|met|taught|invited|explained|"
    r"showed|gave|wrote|called|answered|advised|cooked|came|сказал|помог|объяснил|показал|ответил|посоветовал|написал|пригласил|встретил|попросил|"
    r"научил|позвонил|приехал|пришёл|пришел|пришла|айтты|көмектесті|түсіндірді|көрсетті|жазды|шақырды|сұрады|үйретті|"
    r"маған|мені|бізге|бізді|келді)"
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text: where it stands, as it is written and folded, and whether a sentence begins with it."""

    start: int
    end: int
    text: str
    folded: str
    opens: bool

    @property
    def capital(self) -> bool:
        """Whether it is written as a name is."""
        return all(part[:1].isupper() and (len(part) == 1 or part[1:].islower()) for part in self.text.split("-"))

    @property
    def forms(self) -> frozenset[str]:
        """The word folded and without its ending; words in Latin letters have no Russian or Kazakh endings."""
        is_latin = self.text[0] < "\u0250"
        return frozenset({self.folded, self.folded.removesuffix("s")}) if is_latin else forms_of(self.folded)


def find_persons(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand in ``text``, as offsets, in order and not overlapping."""
    words = _words(text)
    last = 0
    for place, word in enumerate(words):
        if word.start < last or not _begins_name(text, words, place):
            continue
        first, final = _extent(text, words, place, last)
        if not _is_bearer(text, words[first].start, words[final].end):
            last = words[final].end
            yield words[first].start, last


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    ordinary = listed("ordinary")
    for each in _WORD.finditer(text):
        written = each[0]
        before = text[max(0, each.start() - 8) : each.start()].rstrip(_LEAD)
        initial = len(found) > 0 and len(found[-1].text) == 1 and before.endswith(".")
        opens = not initial and (not before or before[-1] in ".!?\n…:;|)]}")
        known = len(written) <= LONGEST_WORD and written.casefold() not in ordinary
        folded = fold(written).partition(" ")[0] if known else ""
        found.append(_Word(each.start(), each.end(), written, folded, opens))
    return found


def _begins_name(text: str, words: Sequence[_Word], place: int) -> bool:
    """Return whether a word is a name by itself or by what stands beside it."""
    word = words[place]
    if not word.folded or len(word.text) < 2 or is_other(word.folded):
        return False
    introduced = bool(_INTRODUCED.search(text, max(0, word.start - 40), word.start))
    certain, possible = is_given(word.forms)
    if not word.capital:
        return (introduced and (certain or (possible and not _i_am_only(text, word)))) or _is_small_name(word)
    if certain or is_certain(word.folded):
        return True
    if _is_titled(text, words, place) or _is_addressed(text, words, place):
        return True
    if _is_family(word) and not word.opens:
        return True
    if not word.opens and _ACTS.match(text, word.end, word.end + 50):
        return True
    beside = place + 1 < len(words) and _joined(text, word, words[place + 1]) and _is_family(words[place + 1])
    if beside or (_has_initials(text, word) and (_is_family(word) or len(word.text) > 3)):
        return True
    return (introduced and not _i_am_only(text, word)) or (possible and (introduced or not word.opens))


def _is_small_name(word: _Word) -> bool:
    """Return whether a word without a capital is a given name without an ending, and long enough for nothing else."""
    return len(word.folded) >= SHORTEST_SMALL and word.folded in given_names()[0]


def _i_am_only(text: str, word: _Word) -> bool:
    """Return whether "I am" alone introduces: "I am Kazakh" tells no name."""
    return text[max(0, word.start - 5) : word.start].casefold().strip() in {"i am", "i'm", "i’m"}


def _is_titled(text: str, words: Sequence[_Word], place: int) -> bool:
    """Return whether a title, a role or a kinship stands just before, or a title with a full stop."""
    if not place:
        return False
    before, gap = words[place - 1], text[words[place - 1].end : words[place].start]
    if len(before.text) > 1 and before.text.isupper():  # APA is a style, апа is an aunt
        return False
    if before.folded in folded_words("titles"):
        return gap == " " or (gap in {". ", "."} and len(before.folded) <= len("prof"))
    return is_role(before.folded) and gap in {" ", ", ", " – ", " — ", ": "}


def _is_addressed(text: str, words: Sequence[_Word], place: int) -> bool:
    """Return whether a Kazakh word of respect stands just after: "Айгүл апай"."""
    if place + 1 == len(words) or not _joined(text, words[place], words[place + 1]):
        return False
    following = words[place + 1]
    if len(following.text) > 1 and following.text.isupper():
        return False
    return not folded_words("respect").isdisjoint(forms_of(following.folded))


def _extent(text: str, words: Sequence[_Word], place: int, last: int) -> tuple[int, int]:
    """Return the first and the final word of the name that the word at ``place`` belongs to."""
    first = final = place
    while final + 1 < len(words) and final - place < 3 and _continues(text, words[final], words[final + 1]):
        final += 1
    if first and words[first - 1].start >= last and _joined(text, words[first - 1], words[first]):
        before = words[first - 1]
        if before.capital and not _is_plain(before.folded) and (not before.opens or _is_family(words[first])):
            first -= 1
    while first and words[first - 1].start >= last and _is_initial(text, words[first - 1]):
        first -= 1
    return first, final


def _continues(text: str, word: _Word, following: _Word) -> bool:
    """Return whether a name goes on with the following word or initial."""
    if not _joined(text, word, following):
        return False
    if len(following.text) == 1:
        return following.text.isupper() and text[following.end : following.end + 1] == "."
    return following.capital and not _is_plain(following.folded)


def _joined(text: str, word: _Word, following: _Word) -> bool:
    """Return whether only a space parts two words, or the full stop of an initial."""
    gap = text[word.end : following.start]
    return gap == " " or (len(word.text) == 1 and gap in {". ", "."})


def _is_initial(text: str, word: _Word) -> bool:
    return len(word.text) == 1 and word.text.isupper() and text[word.end : word.end + 1] == "."


def _has_initials(text: str, word: _Word) -> bool:
    return bool(_INITIAL_BEFORE.search(text, max(0, word.start - 4), word.start)) or bool(
        _INITIAL_AFTER.match(text, word.end, word.end + 3)
    )


def _is_family(word: _Word) -> bool:
    """Return whether a word looks like a surname or patronymic."""
    plain = is_other(word.folded) or word.text.endswith("w")  # "w" folds to "v": Moscow is no Moskov
    return word.capital and not plain and is_family(word.folded)


def _is_bearer(text: str, start: int, end: int) -> bool:
    """Return whether something else bears the name: "Adam Mickiewicz University", "КазНПУ имени Абая"."""
    return bool(_NAMED_AFTER.search(text, max(0, start - 30), start)) or bool(_BEARER.match(text, end, end + 60))


def _is_plain(folded: str) -> bool:
    return is_other(folded) or folded in folded_words("titles") | folded_words("respect") or is_role(folded)
