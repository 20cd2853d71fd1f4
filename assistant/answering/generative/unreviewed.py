"""What a model may make of a user's own document, which nobody has reviewed: hardly more than a quote.

A sentence of the like meaning is not enough there, because a document can order a model to write it; and "explain that
a certificate can be bought" holds the words of a claim, but claims nothing. In reviewed documents such sentences are
advice to students.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.knowledge.transliteration import fold

LEAST_SHARED = 0.85
"""Share of a sentence's words that must stand in one quote."""
_SAY = (
    r"(?:say|state|claim|mention|explain|announce|promise|repeat|insist|confirm|answer|reply|respond|report|recommend"
    r"|advise|suggest)"
)
_TO_WHOM = r"(?:the |every |each |any |all )?(?:readers?|users?|students?|visitors?|people|everybody|everyone)"
_SAY_RU = (
    r"(?:скажи|говори|пиши|напиши|отвечай|ответь|сообщи|сообщай|объясни|упомяни|утверждай|уверяй|посоветуй|советуй|обещай"
    r"|предложи|повтори|называй|назови|перечисли|подтверди)"
)
_SAY_KK = r"(?:айт|жаз|хабарла|түсіндір|раста|сендір|қайтала)"
_YOU_KK = r"(?:[ыі]?ңыз|[ыі]ңіз|ңіз|[ыі]?ң)?(?:дар|дер)?(?:ш[ыі])?"
_ORDERS = (
    # At the beginning, or behind whom it addresses; "some say that" and "they answer within a week" are no orders.
    rf"(?:^|[:>\"«(|])[^\w\n]{{0,9}}(?:(?:please|now|always|also|from (?:here|now) on),? )?{_SAY}\b",
    rf"\b(?:tell|inform|convince|assure) {_TO_WHOM}\b",
    r"\bwrite (?:that|only|down that)\b|\byour (?:answers?|reply|replies|responses?)\b",
    r"\b(?:ai|assistants?|(?:language )?models?|chat ?bots?)\b[^.?!\n]{0,40}\b(?:must|shall|should|has to|have to)\b",
    rf"\b{_SAY_RU}(?:те)?\b",
    r"\b(?:помощник|ассистент|модел|бот)\w{0,4}\b[^.?!\n]{0,40}\b(?:обязан|долж)",
    rf"\b(?:деп|жауапта) (?:\w{{1,20}} ){{0,2}}{_SAY_KK}{_YOU_KK}\b|\b{_SAY_KK}{_YOU_KK}[.!]?$",
    r"\b(?:жауап|кеңес|ант) бер(?:іңіз|іңдер|ші)?(?:дер)?\b|\bуәде ет(?:іңіз|ші)?\b|\bайтып өт(?:іңіз|ші)?\b",
    r"\b(?:көмекші|ассистент|модель|бот)\w{0,5}\b[^.?!\n]{0,90}\b(?:тиіс|міндетті|керек)\b",
)
_PATTERNS = tuple(re.compile(pattern) for pattern in _ORDERS)
_TAG = re.compile(r"<!--|-->|<[^<>\n]{0,300}>")


def carries(quote: str, sentence: str) -> bool:
    """Return whether a quote says a sentence nearly word by word, and does not order to say it."""
    held, words = set(fold(quote).split()), fold(sentence).split()
    return not orders(quote) and sum(word in held for word in words) >= LEAST_SHARED * len(words)


def orders(sentence: str) -> bool:
    """Return whether a sentence, in any of the languages, orders somebody to say something."""
    plain = unicodedata.normalize("NFKC", _TAG.sub(" ", sentence)).casefold().strip()
    return any(pattern.search(plain) for pattern in _PATTERNS)
