"""Spans mended before grounding: lengths end with their units, titles and items have no gaps."""

from __future__ import annotations

import pytest

from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.mended import mended
from hub.languages import lexicon


def _clause(intent: str, text: str, *spans: tuple[str, str]) -> ClauseReading:
    found, at = [], 0
    for slot, said in spans:
        at = text.index(said, at)
        found.append(Span(at, at + len(said), slot, said, 1.0))
        at += len(said)
    return ClauseReading(0, len(text), text, (Scored(intent, 1.0),), {}, tuple(found))


def _said(clause: ClauseReading, language: str) -> list[tuple[str, str]]:
    return [(span.slot, span.text) for span in mended(clause, lexicon(language)).spans]


@pytest.mark.parametrize(
    ("language", "text", "number", "whole"),
    [
        ("sv", "pausa 30 sekunders timer", "30", "30 sekunders"),
        ("fr", "reprends le minuteur de 5 min", "5", "5 min"),
        ("sl", "nadaljuj 10 minutni časovnik", "10", "10 minutni"),
    ],
)
def test_a_length_ends_with_its_unit(language: str, text: str, number: str, whole: str) -> None:
    clause = _clause("HassPauseTimer", text, ("start_duration", number))
    assert _said(clause, language) == [("start_duration", whole)]


def test_a_length_said_in_two_units_is_one() -> None:
    text = "ajastin 1 tunniksi ja 15 minuutiksi"
    clause = _clause("HassStartTimer", text, ("duration", "1 tunniksi"), ("duration", "15"))
    assert _said(clause, "fi") == [("duration", "1 tunniksi ja 15 minuutiksi")]


@pytest.mark.parametrize(
    ("language", "text", "torn", "whole"),
    [
        ("hu", "1 óra és 15 perc és 30 másodperc múlva nyisd ki a kaput",
         (("duration", "1 óra és 15 perc és"), ("delay", "30 másodperc múlva")),
         "1 óra és 15 perc és 30 másodperc múlva"),
        ("pt-BR", "ligar a luz daqui a 1 hora e 30 segundos",
         (("delay", "daqui"), ("delay", "a 1 hora e 30 segundos")),
         "daqui a 1 hora e 30 segundos"),
    ],
)  # fmt: skip
def test_a_delay_that_was_torn_is_one(
    language: str, text: str, torn: tuple[tuple[str, str], ...], whole: str
) -> None:
    assert _said(_clause("HassTurnOn", text, *torn), language) == [("delay", whole)]


def test_a_delay_and_how_long_it_lasts_stay_apart() -> None:
    text = "in ten minutes turn on the fan for 30 seconds"
    spans = (("delay", "in ten minutes"), ("duration", "30 seconds"))
    assert _said(_clause("HassTurnOn", text, *spans), "en") == list(spans)


def test_two_lengths_side_by_side_stay_apart() -> None:
    text = "извади от таймера за 1 час 5 минути"
    clause = _clause(
        "HassDecreaseTimer", text, ("start_duration", "1 час"), ("duration", "5 минути")
    )
    assert _said(clause, "bg") == [("start_duration", "1 час"), ("duration", "5 минути")]


def test_a_title_has_no_gap() -> None:
    text = "prehraj Rozprávka o troch bratoch v kuchyni"
    clause = _clause(
        "HassMediaSearchAndPlay", text, ("query", "Rozprávka"), ("query", "troch bratoch"),
        ("area", "kuchyni"),
    )  # fmt: skip
    assert _said(clause, "sk") == [("query", "Rozprávka o troch bratoch"), ("area", "kuchyni")]


def test_a_room_between_two_titles_keeps_them_apart() -> None:
    text = "spiel Queen im Bad ABBA"
    clause = _clause(
        "HassMediaSearchAndPlay", text, ("query", "Queen"), ("area", "Bad"), ("query", "ABBA")
    )
    assert [slot for slot, _ in _said(clause, "de")] == ["query", "area", "query"]


def test_one_errand_with_an_article_inside_is_one_item() -> None:
    text = "supprime laver la voiture des tâches"
    clause = _clause("HassListRemoveItem", text, ("item", "laver"), ("item", "voiture"))
    assert _said(clause, "fr") == [("item", "laver la voiture")]


def test_things_joined_by_and_stay_two_items() -> None:
    text = "ajoute du lait et du pain"
    clause = _clause("HassShoppingListAddItem", text, ("item", "lait"), ("item", "pain"))
    assert _said(clause, "fr") == [("item", "lait"), ("item", "pain")]


@pytest.mark.parametrize(
    ("item", "bare"), [("du lait", "lait"), ("des bières", "bières"), ("une baguette",) * 2]
)
def test_an_item_has_no_partitive_but_keeps_its_number(item: str, bare: str) -> None:
    clause = _clause("HassShoppingListAddItem", f"ajoute {item}", ("item", item))
    assert _said(clause, "fr") == [("item", bare)]


@pytest.mark.parametrize(
    ("language", "text", "first", "second", "kept"),
    [
        ("en", "halfway, no, make it thirty percent", "halfway", "thirty percent",
         ["thirty percent"]),
        ("de", "auf zwanzig, ach nein, dreißig Prozent", "zwanzig", "dreißig Prozent",
         ["dreißig Prozent"]),
        ("en", "between 20 and 22", "20", "22", ["20", "22"]),
        ("en", "to 20, not 25", "20", "25", ["20", "25"]),
    ],
)  # fmt: skip
def test_an_amount_that_is_put_right_at_once_is_not_meant(
    language: str, text: str, first: str, second: str, kept: list[str]
) -> None:
    clause = _clause("HassSetPosition", text, ("value", first), ("value", second))
    assert [said for _, said in _said(clause, language)] == kept
