"""What documents are about, and that a name in the question is answered from documents about it."""

from __future__ import annotations

from fakes import document

from assistant.answering.assistant import Assistant
from assistant.answering.names import names_in
from assistant.answering.subjects import Subjects, asked_names
from assistant.answering.support import Calibration
from assistant.knowledge.index import in_memory
from assistant.types import Abstention, Answer, Kind, Reason

VISA = "A student visa for {} is applied for two months before departure. The visa costs 80 euros in 2025."
DOCUMENTS = [
    document("host_guides/poland", VISA.format("Poland"), kind=Kind.HOST_GUIDE, country="PL"),
    document("host_guides/lithuania", VISA.format("Lithuania"), kind=Kind.HOST_GUIDE, country="LT"),
    document(
        "regulations/orhun", "Members of Orhun in 2021 were Nazarbayev University and Atyrau University.",
        programme="Orhun",
    ),
    document("regulations/gpa", "The exchange asks for a GPA of at least 2.67."),
]  # fmt: skip
INDEX = in_memory(DOCUMENTS)
ASSISTANT = Assistant(lambda: INDEX, calibration=Calibration.shipped().with_threshold(0.0))


def sections(reply: object) -> set[str]:
    """Return the documents that an answer cites."""
    assert isinstance(reply, Answer)
    return {citation.passage.section.partition("#")[0] for citation in reply.citations}


def test_subjects_come_from_the_front_matter() -> None:
    """Country and programme of a document are what it is about; the home country and plain rules are nothing."""
    subjects = Subjects.read(INDEX)
    assert {document: {n.key for n in names} for document, names in subjects.of.items()} == {
        "host_guides/poland": {"PL"}, "host_guides/lithuania": {"LT"}, "regulations/orhun": {"orhun"},
    }  # fmt: skip
    assert subjects.wanted(names_in("Poland")) == {"host_guides/poland"}
    assert subjects.foreign(names_in("Poland")) == {"host_guides/lithuania"}
    assert subjects.foreign(()) == frozenset()
    assert not asked_names("Rules in Kazakhstan in 2025")


def test_a_question_about_one_country_never_cites_the_guide_of_another() -> None:
    """The two guides say the same, word for word, but for the name."""
    assert sections(ASSISTANT.ask("How do I get a student visa for Poland?")) == {"host_guides/poland"}
    assert sections(ASSISTANT.ask("How do I get a student visa for Lithuania?")) == {"host_guides/lithuania"}


def test_a_section_that_merely_mentions_a_name_does_not_answer_for_it() -> None:
    """Orhun lists a university, but says nothing of its GPA; what it does say of it is an answer."""
    reply = ASSISTANT.ask("What GPA does Nazarbayev University ask for?")
    assert isinstance(reply, Abstention)
    assert reply.reason is Reason.OTHER_INSTITUTION
    assert sections(ASSISTANT.ask("Nazarbayev University: members of Orhun?")) == {"regulations/orhun"}


def test_search_ranks_as_asking_does() -> None:
    """`search` leaves out the guides of other countries, too."""
    found = {hit.passage.section.partition("#")[0] for hit in ASSISTANT.search("student visa for Poland")}
    assert "host_guides/poland" in found
    assert "host_guides/lithuania" not in found
