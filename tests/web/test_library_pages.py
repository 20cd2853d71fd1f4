"""The library: what can be browsed, searched and read, and that nothing of a document does harm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.assistant import Entry, cleaned_question
from assistant.knowledge.markdown import read_curated
from assistant.types import LANGUAGES, Confidence, Document, Filters, Hit, Kind, Language, Source
from assistant.web.library.excerpts import LONGEST, asked_words, excerpt, marked
from assistant.web.library.facts import country_name
from assistant.web.library.reading import read
from assistant.web.library.routes import router
from assistant.web.library.shelf import Reader, address, preferred
from assistant.web.library.views import NEAREST, Wanted, browse, by_letters
from assistant.web.library.words import words
from assistant.web.wording import texts

TODAY = date(2026, 11, 22)
TITLE = "<script>alert('title')</script> & more"
HOSTILE = (
    "## <img src=y onerror=alert(0)> {#first}\n\n"
    "Papers <script>alert(1)</script> <img src=x onerror=alert(2)> ![leak](https://evil.example/leak.png) "
    "[click](javascript:alert(3)) [visit](https://evil.example/phish) <b onmouseover=alert(4)>bold</b>.\n\n"
    '## " onfocus="alert(5)" autofocus=" {#second}\n\nPapers <svg onload=alert(6)></svg> of `</div>` & co.\n'
)
TITLES: dict[Language, str] = {"en": "Exchange in Poland", "ru": "Обмен в Польше", "kk": "Польшадағы алмасу"}
POLAND: dict[Language, str] = {
    "en": "## Go? {#go}\n\nGo there.\n\n## Visa? {#visa}\n\nApply for a visa early.\n",
    "ru": "## Ехать? {#go}\n\nПоезжайте.\n\n## А документы? {#visa}\n\nПодайте заявление на визу заранее.\n",
    "kk": "## Барайын ба? {#go}\n\nБарыңыз.\n\n## Құжаттар ше? {#visa}\n\nВизаға өтінішті ерте беріңіз.\n",
}
OFFICIAL = Source(
    institution="The <Office>", country="PL", programme="Erasmus+", title="Rules", url="https://office.example/rules",
    dated="2025-04", reviewed_on=date(2025, 1, 31), review_by=date(2026, 1, 31), confidence=Confidence.OFFICIAL,
)  # fmt: skip


def document(id: str, language: Language, kind: Kind, text: str, source: Source, title: str = "T") -> Document:
    """Return a document of sections with anchors."""
    reading = read_curated(text, document=id, language=language, title=title)
    return Document(
        id=id, language=language, kind=kind, title=title, source=source, text=text,
        passages=reading.passages, path=f"{id}.md", curated=kind is not Kind.OTHER,
    )  # fmt: skip


class FakeShelf:
    """Holds documents in memory and finds the sections that hold a word of the question."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.fetched: list[str] = []

    def catalogue(self) -> tuple[Entry, ...]:
        return tuple(
            Entry(id=d.id, language=d.language, kind=d.kind, title=d.title, source=d.source) for d in self.documents
        )

    def document(self, id: str, language: Language) -> Document | None:
        self.fetched.append(id)
        return next((d for d in self.documents if (d.id, d.language) == (id, language)), None)

    def search(
        self, question: str, *, k: int = 10, page_language: Language | None = None, filters: Filters | None = None
    ) -> tuple[Hit, ...]:
        wanted, limits = cleaned_question(question).lower().split(), filters or Filters()
        fitting = [
            passage
            for each in self.documents
            if (not limits.kinds or each.kind in limits.kinds)
            if not limits.countries or each.source.country in limits.countries
            for passage in each.passages
            if wanted == ["anything"] or any(word in passage.text.lower() for word in wanted)
        ]
        return tuple(Hit(passage=passage, score=1.0, signals={}) for passage in fitting[:k])


OWN = Source(title="my.md")
SHELF = FakeShelf(
    [
        document("guides/poland", language, Kind.HOST_GUIDE, text, OFFICIAL, TITLES[language])
        for language, text in POLAND.items()
    ]
    + [document("my files/hostile", "en", Kind.OTHER, HOSTILE, OWN, TITLE)]
)
ENGLISH = Reader("en", TODAY)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """Give a browser without redirects before the library alone."""
    app = FastAPI()
    app.include_router(router(SHELF, speaks=lambda accepted: "kk" if "kk" in accepted else "en", today=lambda: TODAY))
    with TestClient(app, follow_redirects=False) as client:
        yield client


class _Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(page: str, tag: str = "") -> list[dict[str, str | None]]:
    """Return the attributes of the elements of a page that have this tag, of all if none is given."""
    parser = _Elements()
    parser.feed(page)
    return [attributes for name, attributes in parser.found if tag in {"", name}]


def main(page: str) -> str:
    """Return what stands between head and foot of a page."""
    return page.partition("<main")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_documents_are_listed_once_by_kind(client: TestClient, language: Language) -> None:
    """Whatever the language of the page, each document stands there once, in its best version, and is counted."""
    page = client.get(f"/{language}/library/")
    shown = unescape(main(page.text))
    assert page.status_code == 200
    assert shown.count('<li class="sheet">') == 2
    assert words(language).documents.format(count=2) in shown
    assert all(words(language).groups[kind] in shown for kind in ("host_guide", "other"))
    assert TITLES[language] in shown
    assert country_name("PL", language) in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_says_how_old_and_how_sure_a_document_is(client: TestClient, language: Language) -> None:
    """An overdue check, a user's own text and a text in another language are called so."""
    shown = unescape(main(client.get(f"/{language}/library/").text))
    said = texts(language)
    assert said.stale in shown
    assert said.kinds["other"] in shown
    assert said.never_reviewed in shown
    assert (said.originals["en"] in shown) is (language != "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_complete_in_its_language(client: TestClient, language: Language) -> None:
    """Language, one main heading, one main landmark, unique ids and a label for each field."""
    paths = ("", "?q=visa", "guides/poland", "my%20files/hostile", "nothing/here", "?q=" + "a" * 2001)
    for path in paths:
        page = client.get(f"/{language}/library/{path}").text
        ids = [each["id"] for each in elements(page) if "id" in each]
        assert elements(page, "html") == [{"lang": language}], path
        assert [len(elements(page, tag)) for tag in ("h1", "main")] == [1, 1], path
        assert len(ids) == len(set(ids)), path
        fields = {each["id"] for each in elements(page, "input") + elements(page, "select")}
        assert fields <= {each["for"] for each in elements(page, "label")}, path


def test_the_list_reads_no_text() -> None:
    """Browsing needs the catalogue alone, however large the documents are."""
    shelf = FakeShelf(SHELF.documents)
    assert browse(shelf, Wanted(), ENGLISH).groups
    assert shelf.fetched == []


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(kind="host_guide"), 1),
        (Wanted(country="PL"), 1),
        (Wanted(version="kk"), 1),
        (Wanted(kind="other", version="en"), 1),
        (Wanted(kind="lesson", country="XX", version="de"), 2),  # not offered by the form, so no wishes
    ],
)
def test_the_list_can_be_narrowed(wanted: Wanted, count: int) -> None:
    """Kind, country and language narrow the list; what the form does not offer is ignored."""
    view = browse(SHELF, wanted, ENGLISH)
    assert sum(len(group.documents) for group in view.groups) == count


def test_nothing_that_fits_is_said_with_advice() -> None:
    """A choice that no document fits shows no empty list but says what to do."""
    view = browse(SHELF, Wanted(kind="other", country="PL"), ENGLISH)
    assert (view.groups, view.notice, view.advice) == ((), words("en").nothing, words("en").advice)


def test_a_field_that_parts_nothing_is_not_offered() -> None:
    """The choice of a language appears only where a document lacks one."""
    whole = FakeShelf([each for each in SHELF.documents if each.kind is Kind.HOST_GUIDE])
    offered = {field.name: bool(field.choices) for field in browse(SHELF, Wanted(), ENGLISH).fields}
    complete = {field.name: bool(field.choices) for field in browse(whole, Wanted(), ENGLISH).fields}
    assert offered == {"kind": True, "country": True, "version": True}
    assert complete == {"kind": True, "country": True, "version": False}


def test_an_empty_base_says_so() -> None:
    """Without documents the library says that it is empty and gives no advice on searching."""
    view = browse(FakeShelf([]), Wanted(), ENGLISH)
    assert (view.notice, view.advice) == (words("en").empty, ())


def test_a_search_finds_sections_with_the_words_marked(client: TestClient) -> None:
    """A finding leads to its section and shows a sentence that holds the words."""
    page = main(client.get("/en/library/?q=visa").text)
    assert '<a href="/en/library/guides/poland#visa">' in page
    assert "Apply for a <mark>visa</mark> early." in page
    assert words("en").found.format(count=1) in page


def test_a_finding_in_another_language_leads_to_the_page_in_the_readers_language() -> None:
    """Words in Russian on a Kazakh page find a section that opens in Kazakh, marked as an original in Russian."""
    (found,) = browse(SHELF, Wanted(q="заявление"), Reader("kk", TODAY)).findings
    assert found.href == "/kk/library/guides/poland#visa"
    assert (found.speech, found.facts.original) == ("ru", texts("kk").originals["ru"])


def test_findings_obey_all_fields() -> None:
    """A search looks only at the documents of the chosen kind, country and language."""
    assert len(browse(SHELF, Wanted(q="papers"), ENGLISH).findings) == 2
    assert not browse(SHELF, Wanted(q="papers", kind="host_guide"), ENGLISH).findings
    assert not browse(SHELF, Wanted(q="papers", country="PL"), ENGLISH).findings
    assert not browse(SHELF, Wanted(q="papers", version="kk"), ENGLISH).findings


def test_findings_without_any_of_the_words_are_called_so() -> None:
    """What only comes near is shown as that, not as an answer, and only the nearest of it."""
    many = FakeShelf(
        [document(f"d{n}", "en", Kind.OTHER, "## T {#t}\n\nNothing of the sort.\n", OWN) for n in range(9)]
    )
    view = browse(many, Wanted(q="anything"), ENGLISH)
    assert view.notice == words("en").no_words_met
    assert len(view.findings) == NEAREST


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("q", "said"), [("unheard-of", "nothing"), ("a" * 2001, "too_long"), ("!!!", "no_words"), ("   ", "")]
)
def test_what_cannot_be_searched_or_found_is_said_kindly(
    client: TestClient, language: Language, q: str, said: str
) -> None:
    """Nothing found, too long, no word, and nothing typed at all: each has its own words, none is an error."""
    page = client.get(f"/{language}/library/", params={"q": q})
    notices = {
        name: getattr(words(language), name) in unescape(page.text) for name in ("nothing", "too_long", "no_words")
    }
    assert page.status_code == 200
    assert [name for name, shown in notices.items() if shown] == ([said] if said else [])


def test_the_form_keeps_what_was_typed_as_text(client: TestClient) -> None:
    """Words, kind and country stand in the form again and in the addresses of the other languages, harmless."""
    typed = '"><script>alert(1)</script> visa & co'
    page = client.get("/en/library/", params={"q": typed, "kind": "host_guide", "country": "PL"}).text
    assert [each["value"] for each in elements(page, "input")] == [typed]
    chosen = [each["value"] for each in elements(page, "option") if "selected" in each]
    assert chosen == ["host_guide", "PL"]
    assert "<script>alert" not in page
    kazakh = [each["href"] for each in elements(page, "a") if each.get("hreflang") == "kk"]
    assert kazakh[0] == address("kk", query={"q": typed, "kind": "host_guide", "country": "PL"})


@pytest.mark.parametrize("path", ["my%20files/hostile", "", "?q=papers", "?q=script"])
def test_hostile_documents_stay_text(client: TestClient, path: str) -> None:
    """In the document, the list and the findings, its markup is text and its links lead nowhere."""
    page = client.get(f"/en/library/{path}").text
    shown = elements(main(page))
    assert not elements(main(page), "script") + elements(main(page), "img") + elements(main(page), "svg")
    assert not [each for each in shown if any(name.startswith("on") or name == "autofocus" for name in each)]
    assert all(
        (each["href"] or "").startswith(("/", "#", "https://office.example/")) for each in elements(main(page), "a")
    )
    assert "evil.example/leak" not in page
    assert page.count("<title>") == 1


def test_a_hostile_title_is_shown_letter_for_letter(client: TestClient) -> None:
    """A title with markup is the heading and the title of the page, as text."""
    page = client.get("/en/library/my%20files/hostile").text
    title = escape(TITLE)
    assert f"<title>{title} · {texts('en').name}</title>" in page
    assert unescape(re.findall(r"<h1[^>]*>(.*?)</h1>", page)[0]) == unescape(title)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_is_shown_whole(client: TestClient, language: Language) -> None:
    """Its sections stand under their anchors and in the contents, with its source, its dates and its translations."""
    page = main(client.get(f"/{language}/library/guides/poland").text)
    said = unescape(page)
    assert [each["id"] for each in elements(page, "section")] == ["go", "visa"]
    assert [each["href"] for each in elements(page, "a")].count("#visa") == 2  # in the contents, and at the heading
    assert all(each in said for each in (texts(language).stale, words(language).founded["official"], "Erasmus+"))
    assert "The &lt;Office&gt;" in page
    assert [each["href"] for each in elements(page, "a") if each.get("target")] == ["https://office.example/rules"]
    others = {each["hreflang"]: each["href"] for each in elements(page, "a") if "hreflang" in each}
    assert others == {each: f"/{each}/library/guides/poland" for each in LANGUAGES if each != language}
    assert f'<a href="/{language}/">{words(language).ask}</a>' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_without_the_language_is_shown_in_another(client: TestClient, language: Language) -> None:
    """The notice says so, the text says which language it is, and a user's own text is not called reviewed."""
    page = unescape(main(client.get(f"/{language}/library/my%20files/hostile").text))
    assert (words(language).fallback in page) is (language != "en")
    assert (texts(language).originals["en"] in page) is (language != "en")
    assert words(language).own in page
    assert words(language).founded["not_reviewed"] in page
    assert all(each.get("lang") == "en" for each in elements(page) if each.get("class") == "section-text")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_document_is_not_found_in_the_language_of_the_page(client: TestClient, language: Language) -> None:
    """The reply is 404, says so in words and leads back to the library."""
    page = client.get(f"/{language}/library/host_guides/%3Cb%3Eatlantis")
    assert page.status_code == 404
    assert words(language).missing in page.text
    assert f'<a href="/{language}/library/">{words(language).back}</a>' in page.text
    assert not elements(main(page.text), "b")


@pytest.mark.parametrize(
    ("path", "accepts", "target"),
    [
        ("/library/guides/poland", "kk,en;q=0.5", "/kk/library/guides/poland"),
        ("/library/", "de", "/en/library/"),
        ("/library", "kk", "/kk/library/"),
        ("/library/?q=a%26b&kind=lesson", "kk", "/kk/library/?q=a%26b&kind=lesson"),
        ("/library//evil.example", "en", "/en/library//evil.example"),
        ("/library/my%20files/hostile", "en", "/en/library/my%20files/hostile"),
    ],
)
def test_an_address_without_language_leads_to_the_readers(
    client: TestClient, path: str, accepts: str, target: str
) -> None:
    """The redirect is temporary, depends on Accept-Language, keeps the query and never leaves the site."""
    reply = client.get(path, headers={"accept-language": accepts})
    assert (reply.status_code, reply.headers["location"]) == (307, target)
    assert reply.headers["vary"] == "Accept-Language"


def test_addresses_with_and_without_a_slash_lead_to_the_same(client: TestClient) -> None:
    """The library without its slash redirects, a document with one opens."""
    assert client.get("/ru/library").headers["location"] == "/ru/library/"
    assert client.get("/ru/library/guides/poland/").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_gets_the_own_version_first_and_always_one(language: Language) -> None:
    """The language of the page comes first; any existing version is better than none."""
    assert preferred(language, LANGUAGES) == language
    assert all(preferred(language, [only]) == only for only in LANGUAGES)
    assert preferred(language, []) is None


def test_an_overdue_check_is_overdue_from_the_day_after() -> None:
    """On the day of the check nothing is overdue yet."""
    views = [read(SHELF, "guides/poland", Reader("en", day)) for day in (date(2026, 1, 31), date(2026, 2, 1))]
    assert [bool(view and view.facts.stale) for view in views] == [False, True]


def test_titles_are_sorted_as_in_the_alphabet() -> None:
    """Kazakh letters stand in their places, and quotation marks do not count."""
    titles = ["Ауа", "Әліппе", "«Болашақ»", "Ғылым", "Еңбек", "Үй", "Шет"]
    assert sorted(set(titles), key=by_letters) == titles


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("виза", "Визу и визы, но не вид.", ["Визу", "визы"]),
        ("шәкіртақы", "Шәкіртақысын төлейді.", ["Шәкіртақысын"]),
        ("GPA", "A GPA of 2.67, not a gap.", ["GPA"]),
        ("what is the grant", "What the grants are is told.", ["grants"]),
        ("ЕС", "ЕС и есть.", ["ЕС"]),
    ],
)
def test_words_are_marked_whatever_their_ending(question: str, text: str, found: list[str]) -> None:
    """Inflected forms are marked; words that say nothing about the subject are not."""
    assert [piece.text for piece in marked(text, asked_words(question)) if piece.marked] == found


def test_a_search_of_common_words_alone_still_has_words() -> None:
    """If nothing else was typed, the common words count."""
    assert asked_words("how is it") == ("hov", "is", "it")


@given(text=st.text(max_size=200), question=st.text(max_size=60))
def test_marking_changes_no_letter(text: str, question: str) -> None:
    """Put together again, the pieces are the text."""
    assert "".join(piece.text for piece in marked(text, asked_words(question))) == text


def test_an_excerpt_shows_sentences_with_the_words_and_no_markdown() -> None:
    """It skips what does not hold the words, reads like a text, and takes a table row by its cells."""
    text = "## T {#t}\n\nFirst one. The **grant** is [paid](https://a.example/b) late. Third.\n\n| Grant | Sum |\n|---|---|\n| grant A | 5 |\n"
    (passage,) = document("d", "en", Kind.OTHER, text, OWN).passages
    shown = ["".join(piece.text for piece in sentence) for sentence in excerpt(passage, asked_words("grant"))]
    assert shown == ["The grant is paid (https://a.example/b) late.", "grant A · 5"]


@pytest.mark.parametrize("sign", ["<", "<a", "[", "](", "`", "| ", "a", "a ", "** "])
def test_an_endless_sentence_is_cut_quickly(sign: str) -> None:
    """Fifty thousand characters without a full stop are shown in part."""
    (passage,) = document("d", "en", Kind.OTHER, f"## T {{#t}}\n\nword {sign * 50_000} word.\n", OWN).passages
    assert all(len("".join(p.text for p in each)) <= LONGEST + 2 for each in excerpt(passage, ("word",)))
