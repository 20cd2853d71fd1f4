"""In which language a question is asked: robust for two words, for Latin letters, for mixtures.

Letters decide first (a Kazakh letter is Kazakh); then words that every question holds, compared after folding to
one Latin alphabet, so that "kakoi", "qandai" and "кандай" count for their languages; then endings; and what is
still open is decided by the language of the conversation, the page, or the script.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.knowledge.transliteration import fold
from assistant.types import LANGUAGES, Language

_KAZAKH = frozenset("әғқңөұүһі")
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")

_ENGLISH = """a an the is are am was were be been do does did can could may might must shall should will would
what which who whom whose when where why how much many long often i you he she it we they me my your his her our their
this that these those there here of in on at to for from with without by about as into than then and or but not no
if have has had get need want apply any some all please help tell about during after before abroad student exchange"""
_RUSSIAN = """и в во на с со к ко у о об от до из за по при про для без над под через перед после между а но да же ли бы
не ни нет что чтобы как какой какая какое какие каким каких какую какого какому кто кого кому кем где куда откуда когда
зачем почему сколько чей это этот эта эти тот та те то так там тут здесь я ты он она оно мы вы они мне меня мной тебе
вам вас нам нас его ее их мой моя мое мои наш ваш свой есть был была было были быть будет будут буду можно нужно нужен
нужна нужны надо нельзя могу может можем ли или если уже еще только очень тоже также все всё весь все более менее
подать поехать учиться учебы учебе обмен обмену обменa документы стипендия общежитие помогите подскажите скажите
хватит сдать получить балл срок сроки привет здравствуйте спасибо студент студенту время другой чем тем"""
_KAZAKH_WORDS = """және мен пен бен де да та те бұл сол осы ол біз сіз олар маған саған оған бізге
сізге менің сенің оның
біздің сіздің олардың не неше нені неге қай қайда қайдан қашан қалай қандай қанша кім кімге кімнен керек қажет
бар жоқ болады болмайды бола ма ме ба бе па пе ше ғой емес үшін туралы бойынша кейін бұрын дейін арқылы сияқты
алуға алу беру беріледі барады бару баруға тапсыру тапсыруға түсу түсуге оқу оқуға оқимын оқып шетел шетелде шетелге
тілі тілін құжат құжаттар құжаттарды мерзімі мерзім қанша уақыт университет университеті студент студенттер
мүмкін бола алам аламын алады аламыз жатақхана стипендия шәкіртақы ақша көмек айтыңыз айтыңызшы сәлем рахмет
екі бір үш жыл ай күн ғана өте көп аз жақсы қиын емтихан балл бағасы баға деңгейі деңгей грант ұтқырлық дайындалу
кредит кредиттер ауыстыру тану қайтып келгенде келген соң алмасу бағдарлама бағдарламасы қатысу қатысуға болады"""
_SHARED = frozenset({"student", "universitet", "stipendia", "grant", "kredit", "bal", "da", "a", "i", "o", "to"})

_RUSSIAN_ENDINGS = (
    "ого", "ему", "ому", "ыми", "ими", "ать", "ять", "ить", "еть", "ешь", "ишь", "ает", "яет", "ует", "ются", "тся",
    "ться", "ние", "ния", "нию", "ции", "цию", "ция", "ость", "ости", "ый", "ий", "ая", "яя", "ое", "ые", "ие",
    "ами", "ями", "ах", "ях", "ов", "ев", "ей", "ую", "юю",
)  # fmt: skip
_KAZAKH_ENDINGS = (
    "лар", "лер", "дар", "дер", "тар", "тер", "ларды", "лерди", "нын", "нин", "дын", "дин", "тын", "тин", "дан",
    "ден", "тан", "тен", "нан", "нен", "мын", "мин", "сын", "сыз", "сиз", "ымыз", "имиз", "ады", "еди", "айды",
    "ейди", "йды", "йди", "ган", "ген", "кан", "кен", "уга", "уге", "га", "ге", "ка", "ке", "нда", "нде", "дагы",
    "деги", "лык", "лик", "дык", "дик", "тык", "тик", "ша", "ше",
)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


_ENGLISH_SET = _words(_ENGLISH)
_RUSSIAN_SET = _words(_RUSSIAN)
_KAZAKH_SET = _words(_KAZAKH_WORDS)


@lru_cache(maxsize=1)
def _latin() -> tuple[frozenset[str], frozenset[str]]:
    """Return the Russian and the Kazakh words as they are typed in Latin letters, without what both share."""
    russian = {fold(word) for word in _RUSSIAN_SET if len(word) > 1}
    kazakh = {fold(word) for word in _KAZAKH_SET if len(word) > 1}
    both = (russian & kazakh) | _SHARED
    return frozenset(russian - both), frozenset(kazakh - both)


def detect(question: str, *, fallback: Language = "en") -> Language:
    """Return the language of ``question``; ``fallback`` decides only where the words do not.

    Args:
        question: Cleaned text, possibly mixed or typed in Latin letters.
        fallback: Language of the conversation or page.
    """
    words = [word.lower() for word in _WORD.findall(question)]
    cyrillic = [word for word in words if any("\u0400" <= c <= "\u04ff" for c in word)]
    if cyrillic and not _mostly_english(words, cyrillic):
        return _cyrillic(cyrillic, fallback)
    if not words:
        return fallback
    return _latin_script(words, fallback)


def _mostly_english(words: list[str], cyrillic: list[str]) -> bool:
    """Return whether a mixed question is English with a few words of another language, not one with English names."""
    latin = len(words) - len(cyrillic)
    return latin > 2 * len(cyrillic) and sum(word in _ENGLISH_SET for word in words) > max(2, latin // 3)


def _cyrillic(words: list[str], fallback: Language) -> Language:
    """Return Russian or Kazakh for words in Cyrillic letters; English words among them do not count."""
    kazakh = sum(1 for word in words if _KAZAKH & set(word))
    if kazakh and 2 * kazakh >= sum(1 for word in words if word in _RUSSIAN_SET):
        return "kk"
    russian = float(sum(word in _RUSSIAN_SET for word in words))
    plain = [word.translate(_PLAIN) for word in words]
    kazakh_score = float(kazakh) + sum(word in _plain_kazakh() for word in plain)
    for word in plain:
        if len(word) > 4:
            russian += 0.6 * word.endswith(_RUSSIAN_ENDINGS) + 0.4 * bool(set("щцэёъюф") & set(word))
            kazakh_score += 0.5 * word.endswith(_KAZAKH_ENDINGS)
    if russian == kazakh_score:
        return "kk" if fallback == "kk" else "ru"
    return "kk" if kazakh_score > russian else "ru"


_PLAIN = str.maketrans("әғқңөұүһі", "агкноуухи")


@lru_cache(maxsize=1)
def _plain_kazakh() -> frozenset[str]:
    """Return Kazakh words as typed on a Russian keyboard, without those that are Russian, too."""
    return frozenset(word.translate(_PLAIN) for word in _KAZAKH_SET) - _RUSSIAN_SET


def _latin_script(words: list[str], fallback: Language) -> Language:
    """Return the language of words in Latin letters, Russian and Kazakh typed that way included."""
    russian_words, kazakh_words = _latin()
    folded = [fold(word) for word in words]
    votes: dict[Language, float] = {
        "en": sum(word in _ENGLISH_SET for word in words),
        "ru": sum(word in russian_words for word in folded if len(word) > 1),
        "kk": sum(word in kazakh_words for word in folded if len(word) > 1),
    }
    for word in folded:
        if len(word) > 5 and word not in _ENGLISH_SET:
            votes["kk"] += 0.4 * word.endswith(_folded_endings()[1])
            votes["ru"] += 0.4 * word.endswith(_folded_endings()[0])
    best = max(LANGUAGES, key=lambda each: (votes[each], each == fallback))
    if votes[best] < 0.5 or (best != "en" and votes[best] <= votes["en"]):
        return "en" if votes["en"] or fallback == "en" or votes[best] else fallback
    return best


@lru_cache(maxsize=1)
def _folded_endings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return Russian and Kazakh endings in Latin letters, only those that English words do not have."""
    english = ("er", "en", "an", "in", "ian", "ish", "ing", "al", "or", "ar", "ti", "ant", "ent")
    return (
        tuple(e for e in map(fold, _RUSSIAN_ENDINGS) if len(e) > 2 and e not in english),
        tuple(
            e
            for e in map(fold, _KAZAKH_ENDINGS)
            if len(e) > 2
            and e not in english
            and e
            not in (
                "sin",
                "kan",
                "ken",
                "tan",
                "ten",
                "dan",
                "den",
                "tin",
                "din",
                "min",
                "nin",
                "gen",
                "gan",
                "dar",
                "der",
                "tar",
                "ter",
                "lar",
                "ler",
                "lik",
                "tik",
                "dik",
                "edi",
                "adi",
            )
        ),
    )
