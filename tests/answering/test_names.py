"""Names in a question and whether the evidence holds them."""

import time

import pytest

from assistant.answering.names import missing, names_in, replaced
from assistant.types import LANGUAGES, Reason

NAMED = [
    ("А в Германии?", ["DE"]), ("Ал Түркияда ше?", ["TR"]), ("visa for germany", ["DE"]), ("Can I go to Chad?", ["TD"]),
    ("тоже можно того", []), ("us students", []), ("Do I need a visa for the US?", ["US"]), ("Қытайға", ["CN"]),
    ("Сколько стоит жить в Южной Корее", ["KR"]), ("Иранда", ["IR"]), ("German language", []), ("commit to it", []),
    ("Erasmus Mundus deadline", ["erasmus_mundus"]), ("Erasmus+ ақшасы", ["erasmus"]), ("КазНУ GPA", ["kaznu"]),
    ("Болашақпен бара аламын ба", ["bolashak"]), ("GPA at Nazarbayev University in 2027", ["nazarbayev", "2027"]),
    ("Erasmus or Erasmus Mundus?", ["erasmus", "erasmus_mundus"]), ("GPA 2.67", []), ("room 2019.5", []), ("being solved in the EU", []), ("Ну а если нет", []),
    ("a child living there does research", []), ("individual choice, correct data, flexible core", []),
    ("обработка персональных данных в самой палате", []), ("бір қатар белгісі кеңінен", []), ("Катарда", ["QA"]),
    ("в Японии", ["JP"]), ("польская виза", ["PL"]), ("americans", []), ("germaniyada turu", ["DE"]), ("Чили", ["CL"]),
    ("болашақ педагог қалай дайындалады", []), ("Болашақ мұғалімге кеңес", []), ("болашақ стипендиясы", ["bolashak"]),
    ("нужен ли болашак", ["bolashak"]), ("Нужен ли английский?", []), ("по-английски в Англии", ["GB"]),
    ("знание немецкого языка", []), ("немецкий университет", ["DE"]), ("я учу польский", []), ("түрік тілі B1", []),
    ("қытай тілін білмеймін", []), ("Қытайда тіл керек пе", ["CN"]), ("Poland language requirements", ["PL"]),
    ("practice in Tallinn", ["EE"]), ("осы түрінде тапсыру керек", []), ("Zhetysu university gpa", ["zhetysu"]),
    ("Нужна ли карта побыту?", []), ("банковская карта", []), ("Ақша қанша керек?", []), ("валюта бағамы қандай?", []),
    ("в Бельгии", ["BE"]), ("Данные паспорта изменились", []), ("Самое важное в документах?", []),
    ("Того, кто подписывает", []), ("HOW MUCH DOES THE VISA COST", []), ("CAN YOU HELP US", []), ("US visa", ["US"]),
    ("Can you polish my letter?", []), ("в штате университета", []), ("Cambridge English exam", []), ("АҚШ-та", ["US"]),
    ("специальность хореография", []), ("Oxford Placement Test", []), ("polish visa", ["PL"]), ("США виза", ["US"]),
    ("I speak German", []), ("German visa", ["DE"]), ("корейский язык в Корее", ["KR"]), ("Polish B1", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys"), NAMED)
def test_names_are_found_in_their_cases_and_only_there(text: str, keys: list[str]) -> None:
    """Inflected names are found in three languages; words that merely look like names are not."""
    assert [name.key for name in names_in(text)] == keys


def test_evidence_must_hold_what_is_asked_about() -> None:
    """Another country is missing, the same one in another language is not, and home is always known."""
    assert [name.key for name in missing("Visa for Poland?", ["Виза в Германию"])] == ["PL"]
    assert not missing("Visa for Poland?", ["Польская виза: как подать в Польшу"])
    assert not missing("Rules in Kazakhstan?", [""])
    assert [name.reason for name in missing("deadline 2031", ["of 2024"])] == [Reason.OTHER_YEAR]


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    """A follow-up about another country does not drag the first one along."""
    assert "Poland" not in replaced("What does a visa for Poland cost?", "And in Germany?")
    assert "Польшу" not in replaced("Какая виза нужна в Польшу?", "А в Германию?")
    assert replaced("What GPA do I need?", "And in Germany?") == "What GPA do I need?"


def test_a_country_is_called_by_its_name_in_the_language_of_the_reply() -> None:
    """The label of a country follows the language."""
    (germany,) = names_in("Germany")
    assert [germany.label(language) for language in LANGUAGES] == ["Germany", "Германия", "Германия"]


@pytest.mark.parametrize("text", ["Германия " * 12_000, "Аб " * 33_000, "Аб. " * 25_000, "A b. " * 20_000])
def test_long_texts_take_linear_time(text: str) -> None:
    """A hundred thousand characters of names are read in well under five seconds."""
    started = time.process_time()
    names_in(text)
    assert time.process_time() - started < 5
