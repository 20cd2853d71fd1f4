"""What the page shows of a story, as safe HTML in one line."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from html import escape

from assistant.records.fields import Refused
from assistant.records.identifying import Finding, masked
from assistant.records.messages import OwnStory
from assistant.records.stories import Message, StoryState
from assistant.records.submissions import SubmissionKind
from assistant.types import Language
from assistant.web.chat.sources import written_date
from assistant.web.share.form import CHOICES, PARTS, countries
from assistant.web.share.review import Review
from assistant.web.share.words import Words
from assistant.web.wording import texts


def arrived(html: str) -> str:
    """Return a block that the page's script moves the focus to, because its id is a new one."""
    return f'<div class="arrived" id="arrived-{time.time_ns()}">{html}</div>'


def field_id(field: str) -> str:
    """Return the id of a field on the page; what is wrong with the story as a whole belongs to its first question."""
    return f"field-{'reasons' if field == 'story' else field}"


def refusals(refused: Iterable[Refused], words: Words) -> str:
    """Return what was refused, each with a link to its field; the link's id is what describes the field."""
    items = "".join(
        f'<li><a class="here field" id="why-{escape(each.field)}" href="#{field_id(each.field)}">'
        f"{escape(_refusal(each, words))}</a></li>"
        for each in refused
    )
    return arrived(f"<p>{escape(words.refused)}</p><ul>{items}</ul>")


def _refusal(refused: Refused, words: Words) -> str:
    """Return in words what is wrong with a field and what would be taken."""
    why = words.rules[refused.rule].format(allowed=refused.allowed)
    return f"{words.labels[refused.field]}: {why}" if refused.field in words.labels else why


def story(review: Review, words: Words, *, mask: bool) -> str:
    """Return the whole story as it will be stored, section by section, with all that was found marked."""
    sections = []
    for part, fields in PARTS.items():
        told = "".join(
            f"<dt>{escape(words.labels[field])}</dt><dd>{_value(review, field, words, mask=mask)}</dd>"
            for field in fields
            if getattr(review.story, field)
        )
        if told:
            sections.append(f"<h3>{escape(words.parts[part])}</h3><dl>{told}</dl>")
    return f'<div class="story">{"".join(sections)}</div>'


def _value(review: Review, field: str, words: Words, *, mask: bool) -> str:
    """Return one answer in the words of the page."""
    value = str(getattr(review.story, field))
    if field == "country":
        return escape({code: name for name, code in countries(review.story.language)}[value])
    if field in CHOICES:
        return escape(words.choices(field)[value])
    return marked(value, review.found.get(field, ()), mask=mask)


def marked(text: str, findings: Iterable[Finding], *, mask: bool) -> str:
    """Return the text letter for letter with each finding in ``<mark>``, followed by its mask if it gets one."""
    pieces, last = [], 0
    for finding in findings:
        item = text[finding.start : finding.end]
        alone = Finding(0, len(item), finding.kind, finding.language)
        shown = f"<del>{escape(item)}</del> {escape(masked(item, [alone]))}" if mask else escape(item)
        pieces += [escape(text[last : finding.start]), f"<mark>{shown}</mark>"]
        last = finding.end
    return "".join([*pieces, escape(text[last:])]).replace("\n", "<br>")


def review_head(words: Words) -> str:
    """Return the heading of the check, which gets the focus."""
    return arrived(f"<h2>{escape(words.review)}</h2><p>{escape(words.review_note)}</p>")


def findings(review: Review, words: Words) -> str:
    """Return what was found, counted by kind, and what may have been missed."""
    items = "".join(f"<li>{escape(words.kinds[kind])}: {count}</li>" for kind, count in review.counts.items())
    counted = f"<p>{escape(words.found)}</p><ul>{items}</ul>" if items else f"<p>{escape(words.found_none)}</p>"
    return f"<div>{counted}<p>{escape(words.may_miss)}</p></div>"


def consent(words: Words) -> str:
    """Return what happens with a story."""
    points = "".join(f"<li>{escape(point)}</li>" for point in words.consent_points)
    return f"<div><h3>{escape(words.consent_title)}</h3><ul>{points}</ul></div>"


def thanks(code: str, words: Words, language: Language) -> str:
    """Return the thanks with the code in large letters, a button that copies it, and the way to another story.

    The script copies what stands in ``reply`` without its ``acts``.
    """
    button = f'<button type="button" class="act" id="copy-code">{escape(words.copy)}</button>'
    another = f'<a class="here" href="/{language}/share/">{escape(words.another)}</a>'
    return arrived(
        f"<h2>{escape(words.sent)}</h2><p>{escape(words.sent_note)}</p>"
        f'<div class="reply"><p class="code">{escape(code)}</p><div class="acts">{button}</div></div><p>{another}</p>'
    )


def own(story: OwnStory, words: Words, language: Language) -> str:
    """Return what became of something that was sent, with the messages about it; the focus moves there."""
    sent = words.own_sent.format(kind=words.own_kinds[story.kind], date=_day(story.received, language))
    told = _became(story, words, language) if story.kind is SubmissionKind.EXPERIENCE else ""
    talk = "".join(_message(each, words, language) for each in story.messages)
    below = f"<h3>{escape(words.messages)}</h3><dl>{talk}</dl>" if talk else ""
    return arrived(f"<h3>{escape(words.own_title)}</h3><p>{escape(sent)}</p>{told}{below}")


def _became(story: OwnStory, words: Words, language: Language) -> str:
    """Return what became of a story."""
    since = _day(story.since, language)
    if story.rejection is None:
        told = words.published if story.state is StoryState.PUBLISHED else words.waiting
        return f"<p>{escape(told.format(date=since))}</p>"
    reasons = "".join(f"<li>{escape(words.reasons[each])}</li>" for each in story.rejection.reasons)
    note = f"<p>{escape(words.rejected_note)}<br>{_lines(story.rejection.note)}</p>" if story.rejection.note else ""
    until = words.kept_until.format(date=_day(story.rejection.kept_until, language))
    return f"<p>{escape(words.rejected.format(date=since))}</p><ul>{reasons}</ul>{note}<p>{escape(until)}</p>"


def _message(message: Message, words: Words, language: Language) -> str:
    """Return one message with who wrote it, and when."""
    head = words.asked_on.format(name=message.mentor or words.you, date=_day(message.at, language))
    return f"<dt>{escape(head)}</dt><dd>{_lines(message.text)}</dd>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _day(at: datetime, language: Language) -> str:
    """Return the day of a moment in words."""
    return written_date(at.date().isoformat(), texts(language))
