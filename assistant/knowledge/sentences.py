"""Sentences of running text in English, Russian or Kazakh, as offsets.

One rule set serves the three languages, because students' texts mix them. A stop ends a sentence
unless what stands before it (an abbreviation, an initial, an item number) or after it (a small
letter) says otherwise. When in doubt two sentences stay together: a quote that is too long is
still a whole thought, one cut at "проф." is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

CUT_ABOVE = 600
"""Longest sentence, in characters, that is left whole."""
HARD_LIMIT = 800
"""Longest unit, in characters, even where no white space allows a cut."""
_SMALLEST_PIECE = 100
_LOOK_BACK = 40


def _words(text: str) -> frozenset[str]:
    """Return the words of a list written as one string."""
    return frozenset(text.split())


# Never the end of a sentence, whatever follows: titles, and words that announce what comes next.
_NEVER = _words(
    "dr prof mr mrs ms messrs st mt vs e.g i.e approx cf fig figs p pp eq vol ch sec art dept univ nos "
    "ca jan feb apr jun jul aug sept sep oct nov dec rev hon gen gov max min tel ext incl est ed eds "
    "т.е т.к т.н т.о и.о к.п.н д.п.н ул им проф доц акад напр см ст п пп рис табл обл гл разд стр д кв "
    "корп ауд каб просп пер пл респ тел англ рус каз нем фр мин макс ок соотв междунар г-н г-жа "
    "мыс яғни қ к т ш ғыл мәс қар бат солт оңт шығ орт ум род"
)
# The end of a sentence when a capitalised word follows.
_ENDING = _words("etc al inc ltd co jr sr a.m p.m т.б т.с.с т.с т.д т.п гг жж вв ғғ бет руб тг млн млрд тыс долл чел")
# The same, but only after a number: "в 2024 г. Студенты", not "в г. Алматы".
_ENDING_AFTER_NUMBER = _words("г ғ ж в м см мм км кг с ч мин сек т б н.э стр ст п")
# The same, but only after "and": "и др. Студенты", not "пр. Абая".
_ENDING_AFTER_AND = _words("др пр")
_AND = _words("и және а")
# "a grade of B. The …" ends a sentence, "with J. Smith" does not.
_LETTERED = _words(
    "grade mark level plan option type class appendix annex table part section group category "
    "оценка оценку оценки балл балла уровень уровня тип группа категория приложение таблица часть раздел "
    "баға деңгей деңгейі балы санат топ қосымша кесте бөлім"
)

_BLANK_LINE = re.compile(r"\n\s*\n")
_STOP = re.compile(r"[.!?…。！？]+(?:\[\d{1,3}\]|[)\]}»\"'”’“›*_~`])*")
_CJK_STOPS = "。！？"
_BEFORE_WORD = re.compile(r"[\s\"'«“„‘‹(\[{*_~`–—-]*")
_TAIL = re.compile(r"(?:(?<!\w)[^\W\d_]\.\s?)*[\w-]+$")
_ITEM_NUMBER = re.compile(r"(?:^|\n)[\s(*_>-]*(?:\d{1,3}(?:\.\d{1,3})*|[^\W\d_])$")
_NUMBER_OR_CENTURY = re.compile(r"(?:.*\d|[IVXLХІ]+)[)\]]?$")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def split(text: str) -> list[Span]:
    """Return the sentences of ``text`` as (start, end) offsets, in order.

    The spans are free of outer white space, do not overlap, and together cover every character
    that is not white space. A blank line always separates; a single line end is white space.
    Sentences over ``CUT_ABOVE`` characters are cut further. Takes linear time.
    """
    return [piece for start, end in _paragraphs(text) for piece in _split_paragraph(text, start, end)]


def cut(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield ``text[start:end]`` in trimmed pieces of at most about ``HARD_LIMIT`` characters.

    A piece ends at a semicolon, else at a line end, else at white space, else at the limit.
    """
    start, end = _trim(text, start, end)
    while end - start > CUT_ABOVE:
        middle = _cut_at(text, start, end)
        yield _trim(text, start, middle)
        start, end = _trim(text, middle, end)
    if start < end:
        yield start, end


def _cut_at(text: str, start: int, end: int) -> int:
    """Return where a sentence that is too long is best cut."""
    lowest, highest = start + _SMALLEST_PIECE, start + CUT_ABOVE
    for mark in ("; ", ";\n", "\n", " "):
        found = text.rfind(mark, lowest, highest)
        if found >= 0:
            return found + 1
    limit = min(end, start + HARD_LIMIT)
    return next((i for i in range(lowest, limit) if text[i].isspace()), limit)


def _trim(text: str, start: int, end: int) -> Span:
    """Return the span without outer white space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _paragraphs(text: str) -> Iterator[Span]:
    """Yield the stretches between blank lines."""
    start = 0
    for gap in _BLANK_LINE.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _split_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of one paragraph, cut to size."""
    for sentence in _sentences(text, start, end):
        yield from cut(text, *sentence)


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of one paragraph, none without a letter or digit if another has one."""
    pending: Span | None = None
    for stretch in _between_stops(text, start, end):
        if pending is not None and _LETTER_OR_DIGIT.search(text, *stretch):
            yield pending
            pending = stretch
        else:  # what is left after the last stop may be a lone dash or bracket
            pending = (pending or stretch)[0], stretch[1]
    if pending is not None:
        yield pending


def _between_stops(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretches between the stops that end a sentence; all but the last have a word."""
    first_word = _LETTER_OR_DIGIT.search(text, start, end)
    for stop in _STOP.finditer(text, start, end):
        if first_word is None:
            break
        if first_word.start() < stop.start() and _ends_sentence(text, start, end, stop):
            yield start, stop.end()
            start = stop.end()
            first_word = _LETTER_OR_DIGIT.search(text, start, end)
    if start < end:
        yield start, end


def _ends_sentence(text: str, start: int, end: int, stop: re.Match[str]) -> bool:
    """Return whether a sentence that began at ``start`` ends with ``stop``."""
    mark, after = stop.group(), stop.end()
    if after == end or any(character in _CJK_STOPS for character in mark[:8]):
        return True
    if not text[after].isspace():
        return False
    word_matched = _BEFORE_WORD.match(text, after, end)
    word = word_matched.end() if word_matched else after
    if text[word : word + 1].islower() and word < end:
        return False
    if mark[0] != "." or mark[1:2] == "." or "!" in mark[:8] or "?" in mark[:8]:
        return True
    return _full_stop_ends(text, start, stop.start(), word, end)


def _full_stop_ends(text: str, start: int, stop: int, word: int, end: int) -> bool:
    """Return whether a single full stop at ``stop`` ends a sentence before the word at ``word``."""
    window = text[max(start, stop - _LOOK_BACK) : stop]
    matched = _TAIL.search(window)
    if matched is None:
        return True
    if _ITEM_NUMBER.search(window):
        return False
    token = "".join(matched.group().split())
    before = window[: matched.start()]
    is_capitalised = word + 1 < end and text[word].isalpha() and text[word + 1].isalpha()
    return _token_ends(token, before, is_capitalised)


def _token_ends(token: str, before: str, is_capitalised: bool) -> bool:
    """Return whether a sentence can end with ``token`` and a full stop.

    Args:
        token: What stands right before the stop, dots inside included.
        before: The text before the token.
        is_capitalised: Whether a capitalised word of two or more letters follows.
    """
    key = token.lower()
    words = before.lower().split()[-2:]
    previous = words[-1] if words else ""
    if key in _ENDING:
        return is_capitalised
    if key in _ENDING_AFTER_NUMBER and _NUMBER_OR_CENTURY.match(previous.upper()):
        return is_capitalised
    if key in _ENDING_AFTER_AND:
        return is_capitalised and previous in _AND
    if key in _NEVER or key in _ENDING_AFTER_NUMBER:
        return False
    if key == "no":
        return is_capitalised
    if len(key) == 1 or key[-2] == ".":
        return not key[-1].isalpha() or (is_capitalised and not _LETTERED.isdisjoint(words))
    return True
