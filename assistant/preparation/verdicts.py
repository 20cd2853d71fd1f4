"""Which rules of which programmes a student meets, as far as the profile tells: no model and no language.

A fact that is not known exactly is judged by every value that it can have: if all of them agree, so does the verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from assistant.preparation.eligibility import (
    CEFR,
    CERTIFICATES,
    NUMBERS,
    YES_OR_NO,
    Fact,
    LanguageTest,
    Programme,
    Proof,
    Rule,
)
from assistant.preparation.profile import Certificate, Profile
from assistant.types import Language


class Standing(StrEnum):
    """How a student stands towards a rule."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


class Detail(StrEnum):
    """What must be known besides the facts that rules name."""

    HOME_UNIVERSITY = "home_university"
    DESTINATION = "destination"
    SCORE = "score"
    """The score or level of a certificate that the student named without one."""
    CEFR_LEVEL = "cefr_level"
    """The CEFR level of a certificate, where a rule asks for a level and does not say which score stands for it."""


Missing = Fact | Detail

ASKED_AS: Mapping[Missing, str] = MappingProxyType(
    {fact: fact.value for fact in Fact}
    | {detail: detail.value for detail in Detail}
    | {Fact.LANGUAGE_CERTIFICATE: "certificates", Detail.SCORE: "certificates", Detail.CEFR_LEVEL: "certificates"}
)
"""The field of a profile that tells what is missing."""

LEVEL_OF: Mapping[LanguageTest, LanguageTest] = MappingProxyType(
    {
        LanguageTest.IELTS: LanguageTest.CEFR_ENGLISH,
        LanguageTest.TOEFL_IBT: LanguageTest.CEFR_ENGLISH,
        LanguageTest.DUOLINGO: LanguageTest.CEFR_ENGLISH,
        LanguageTest.TOMER: LanguageTest.CEFR_TURKISH,
    }
)
"""The level to which a test leads; which score stands for which level, only the office that checks it can say."""

_SEMESTERS_IN_YEAR = 2


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule with how the student stands towards it.

    Attributes:
        rule: The rule.
        standing: How the student stands.
        missing: What must be known to tell, each once; empty unless it cannot be told.
    """

    rule: Rule
    standing: Standing
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a student stands towards one programme.

    Attributes:
        id: Name of the programme's file without ending.
        programme: The programme.
        requirements: Its rules in the order of the file, without those that certainly are for others.
        open_to: Whether the programme is for students of this university and goes to this country.
        unknown: What must be known to tell whether it is open; empty unless it cannot be told.
    """

    id: str
    programme: Programme
    requirements: tuple[Requirement, ...]
    open_to: Standing
    unknown: tuple[Missing, ...] = ()

    @property
    def standing(self) -> Standing:
        """The whole: what is only preferred does not decide."""
        required = [each.standing for each in self.requirements if each.rule.strength == "required"]
        return _all([self.open_to, *required])


def judge(id: str, programme: Programme, profile: Profile) -> Verdict:
    """Return how a student stands towards one programme."""
    doors = _doors(programme, profile)
    open_to = _all(doors.values())
    judged = (_requirement(rule, profile) for rule in programme.rules)
    return Verdict(
        id=id,
        programme=programme,
        requirements=tuple(each for each in judged if each),
        open_to=open_to,
        unknown=_untold(doors) if open_to is Standing.CANNOT_TELL else (),
    )


def judge_all(programmes: Mapping[str, Programme], profile: Profile) -> tuple[Verdict, ...]:
    """Return how a student stands towards each programme.

    First what the student named (own university, programme, country), then what is open to everybody, then what may
    be open, last what is not open; otherwise in the order given.
    """
    verdicts = (judge(name, programme, profile) for name, programme in programmes.items())
    return tuple(sorted(verdicts, key=lambda verdict: _place(verdict, profile)))


def questions(programmes: Mapping[str, Programme], profile: Profile) -> tuple[str, ...]:
    """Return the fields of a profile that would settle something, most useful first.

    A programme that is not open settles nothing. What can still turn a whole verdict weighs more than any number of
    requirements that cannot. Where the semester is asked for, the year follows from it and is not asked for.
    """
    decisive, others = _weights(judge_all(programmes, profile))
    asked = list(dict.fromkeys([*decisive, *others]))
    semester, year = ASKED_AS[Fact.SEMESTER], ASKED_AS[Fact.YEAR_OF_STUDY]
    if semester in asked and year in asked:
        asked.remove(year)
        decisive[semester] += decisive[year]
        others[semester] += others[year]
    return tuple(sorted(asked, key=lambda field: (-decisive[field], -others[field])))


def verdict_data(verdict: Verdict, language: Language) -> dict[str, Any]:
    """Return a verdict as plain data, with texts in one language."""
    return {
        "id": verdict.id,
        "programme": verdict.programme.programme[language],
        "document": verdict.programme.document,
        "open_to": verdict.open_to.value,
        "unknown": [each.value for each in verdict.unknown],
        "standing": verdict.standing.value,
        "requirements": [_requirement_data(each, language) for each in verdict.requirements],
    }


def _weights(verdicts: Iterable[Verdict]) -> tuple[Counter[str], Counter[str]]:
    """Return how often each field is missing where it can turn the whole verdict, and where it cannot."""
    decisive: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for verdict in verdicts:
        if verdict.open_to is Standing.NOT_MET:
            continue
        undecided = verdict.standing is Standing.CANNOT_TELL
        (decisive if undecided else others).update(_fields(verdict.unknown))
        for each in verdict.requirements:
            decides = undecided and each.rule.strength == "required"
            (decisive if decides else others).update(_fields(each.missing))
    return decisive, others


def _requirement_data(requirement: Requirement, language: Language) -> dict[str, Any]:
    rule = requirement.rule
    return {
        "rule": rule.id,
        "standing": requirement.standing.value,
        "strength": rule.strength,
        "missing": [each.value for each in requirement.missing],
        "clause": rule.clause[language],
        "section": rule.section,
        "todo": rule.todo[language],
    }


def _fields(missing: Iterable[Missing]) -> list[str]:
    return list(dict.fromkeys(ASKED_AS[each] for each in missing))


def _place(verdict: Verdict, profile: Profile) -> int:
    given = verdict.programme.applies_to
    named = (
        verdict.id == profile.programme
        or profile.home_university in given.home_university
        or profile.destination in given.destination
    )
    return 0 if named else (Standing.MET, Standing.CANNOT_TELL, Standing.NOT_MET).index(verdict.open_to) + 1


def _doors(programme: Programme, profile: Profile) -> dict[Missing, Standing]:
    """Return whether the programme is for the student, by what that depends on."""
    given = programme.applies_to
    return {
        Detail.HOME_UNIVERSITY: _among(given.home_university, profile.home_university),
        Detail.DESTINATION: _among(given.destination, profile.destination),
    }


def _requirement(rule: Rule, profile: Profile) -> Requirement | None:
    """Return the rule as judged, or None if it certainly is for others."""
    concerns = _concerns(rule, profile)
    if _all(concerns.values()) is Standing.NOT_MET:
        return None
    standing, missing = _judged(rule, profile)
    if untold := _untold(concerns):
        return Requirement(rule, Standing.CANNOT_TELL, tuple(dict.fromkeys([*untold, *missing])))
    return Requirement(rule, standing, missing)


def _concerns(rule: Rule, profile: Profile) -> dict[Missing, Standing]:
    """Return whether the rule is for the student, by what that depends on."""
    when = rule.when
    in_year = (year in when.year_of_study for year in _possible(Fact.YEAR_OF_STUDY, profile))
    return {
        Fact.LEVEL: _among((when.level,) if when.level else (), profile.level),
        Detail.DESTINATION: _among(when.destination, profile.destination),
        Fact.YEAR_OF_STUDY: _agreed(in_year) if when.year_of_study else Standing.MET,
    }


def _judged(rule: Rule, profile: Profile) -> tuple[Standing, tuple[Missing, ...]]:
    if rule.needs in CERTIFICATES:
        return _proved(rule.any_of, profile.certificates)
    standing = _agreed(_accepts(rule, value) for value in _possible(rule.needs, profile))
    return standing, (rule.needs,) if standing is Standing.CANNOT_TELL else ()


def _possible(fact: Fact, profile: Profile) -> Sequence[Any]:
    """Return the values that a fact can have as far as the profile tells; none if anything is possible."""
    if fact in YES_OR_NO:
        return [profile.said[fact]] if fact in profile.said else []
    if (known := getattr(profile, fact.value)) is not None:
        return [known]
    if fact is Fact.YEAR_OF_STUDY and profile.semester is not None:
        return [-(-profile.semester // _SEMESTERS_IN_YEAR)]
    if fact is Fact.SEMESTER and profile.year_of_study is not None:
        last = profile.year_of_study * _SEMESTERS_IN_YEAR
        return range(last - _SEMESTERS_IN_YEAR + 1, last + 1)
    return []


def _accepts(rule: Rule, value: Any) -> bool:
    if rule.needs in YES_OR_NO:
        return bool(value is rule.is_)
    if rule.needs not in NUMBERS:
        return value in rule.one_of
    least, most = rule.at_least, rule.at_most
    return (
        (least is None or value >= least)
        and (rule.above is None or value > rule.above)
        and (most is None or value <= most)
        and (not rule.one_of or value in map(float, rule.one_of))
    )


def _proved(
    proofs: Sequence[Proof], certificates: Sequence[Certificate] | None
) -> tuple[Standing, tuple[Missing, ...]]:
    """Return whether one of the certificates is one of the proofs; a certain one wins over a doubtful one."""
    if certificates is None:
        return Standing.CANNOT_TELL, (Fact.LANGUAGE_CERTIFICATE,)
    doubts: list[Missing] = []
    for held in certificates:
        named = [proof for proof in proofs if proof.test is held.test]
        if any(_suffices(held, proof) for proof in named):
            return Standing.MET, ()
        if named and held.score is None:
            doubts.append(Detail.SCORE)
        if not named and any(proof.test is LEVEL_OF.get(held.test) for proof in proofs):
            doubts.append(Detail.CEFR_LEVEL)
    return (Standing.CANNOT_TELL if doubts else Standing.NOT_MET), tuple(dict.fromkeys(doubts))


def _suffices(held: Certificate, proof: Proof) -> bool:
    if proof.at_least is None:
        return True
    if isinstance(proof.at_least, str):
        return held.score in CEFR and CEFR.index(str(held.score)) >= CEFR.index(proof.at_least)
    return isinstance(held.score, int | float) and held.score >= proof.at_least


def _among(accepted: Sequence[str], value: str | None) -> Standing:
    if not accepted:
        return Standing.MET
    return _agreed([] if value is None else [value in accepted])


def _agreed(answers: Iterable[bool]) -> Standing:
    """Return what all answers say; without any, or where they differ, it cannot be told."""
    said = set(answers)
    if len(said) != 1:
        return Standing.CANNOT_TELL
    return Standing.MET if said.pop() else Standing.NOT_MET


def _all(standings: Iterable[Standing]) -> Standing:
    """Return how somebody stands who must meet all of them."""
    seen = set(standings)
    for standing in (Standing.NOT_MET, Standing.CANNOT_TELL):
        if standing in seen:
            return standing
    return Standing.MET


def _untold(standings: Mapping[Missing, Standing]) -> tuple[Missing, ...]:
    return tuple(what for what, standing in standings.items() if standing is Standing.CANNOT_TELL)
