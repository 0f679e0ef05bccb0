"""A wish is what its verb says, where the model wavers or takes the thing for another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from devices.homefile import load_home
from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored, Span
from hub.ground.as_said import as_said
from hub.ground.context import Context
from hub.ground.list_items import change_list
from hub.ground.robots import driven
from hub.ground.spared import with_what_is_excepted, with_what_stays
from hub.ground.whose import at_whose, kind_of_theirs
from hub.languages import lexicon

HOME = load_home(
    {
        "entities": [
            {"name": "Weinkellertür", "domain": "cover", "attributes": {"device_class": "door"}},
            {"name": "Haustür", "domain": "lock"},
            {"name": "Clippy", "domain": "lawn_mower"},
            {"name": "Miette", "domain": "vacuum"},
        ]
    }
)


def _clause(
    text: str, *intents: str, spans: tuple[tuple[str, str], ...] = (), **attributes: str
) -> ClauseReading:
    found = tuple(
        Span(text.index(said), text.index(said) + len(said), slot, said, 1.0)
        for slot, said in spans
    )
    scored = {k: Scored(attributes.get(k, NONE), 0.9) for k in ATTRIBUTES}
    likely = tuple(Scored(intent, 0.5 - at * 0.2) for at, intent in enumerate(intents))
    return ClauseReading(0, len(text), text, likely, scored, found)


def _read(clause: ClauseReading, language: str) -> tuple[str, str]:
    read = as_said(clause, HOME, lexicon(language))
    return read.intent, read.attributes["domain"].label


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("öffne die Weinkellertür", "HassTurnOff", ("HassTurnOn", "cover")),
        ("schließe die Weinkellertür", "HassTurnOn", ("HassTurnOff", "cover")),
        ("schließe die Weinkellertür auf", "HassTurnOff", ("HassTurnOff", "lock")),
        ("öffne die Haustür", "HassTurnOff", ("HassTurnOff", "lock")),
        ("öffne die Kellertür", "HassTurnOff", ("HassTurnOff", "lock")),
    ],
)
def test_what_has_a_motor_and_is_called_by_its_whole_name_is_no_lock(
    text: str, intent: str, meant: tuple[str, str]
) -> None:
    name = text.split()[2]
    clause = _clause(text, intent, domain="lock", spans=(("name", name),))
    assert _read(clause, "de") == meant


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("en", "draw the bedroom curtains back", "HassTurnOn"),
        ("en", "draw the bedroom curtains", "HassTurnOff"),
        ("en", "close the open curtains", "HassTurnOff"),
        ("fr", "ouvre les volets", "HassTurnOn"),
        ("zh-CN", "把窗帘拉开", "HassTurnOn"),
    ],
)
def test_a_verb_that_only_opens_opens(language: str, text: str, intent: str) -> None:
    clause = _clause(text, "HassTurnOff", "HassTurnOn", domain="cover")
    assert _read(clause, language) == (intent, "cover")


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("fr", "tu peux faire du café", "HassTurnOn"),
        ("es", "haz café", "HassTurnOn"),
        ("en", "stop making coffee", "HassTurnOff"),
        ("en", "coffee off", "HassTurnOff"),
    ],
)
def test_who_makes_coffee_turns_the_machine_on(language: str, text: str, intent: str) -> None:
    clause = _clause(text, "HassTurnOff", domain="switch", device_class="coffee")
    assert _read(clause, language)[0] == intent


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("es", "que Migas pase la aspiradora", "HassVacuumStart"),
        ("es", "detén la aspiradora", "HassStopMoving"),
        ("cs", "zastav vysavač", "HassStopMoving"),
    ],
)
def test_a_vacuum_stops_only_at_a_word_for_it(language: str, text: str, intent: str) -> None:
    clause = _clause(text, "HassStopMoving", "HassVacuumStart", domain="vacuum")
    assert _read(clause, language)[0] == intent


@pytest.mark.parametrize(
    ("text", "intents", "meant"),
    [
        ("atura Clippy", ("HassMediaPause", "HassLawnMowerDock"), "HassLawnMowerDock"),
        ("atura Clippy", ("HassMediaPause",), "HassStopMoving"),
        ("fes anar Miette", ("HassMediaUnpause",), "HassVacuumStart"),
        ("atura la música", ("HassMediaPause",), "HassMediaPause"),
    ],
)
def test_a_robot_that_is_called_by_its_name_is_no_player(
    text: str, intents: tuple[str, ...], meant: str
) -> None:
    assert driven(_clause(text, *intents, domain="media_player"), HOME).intent == meant


def test_what_is_to_stay_is_left_alone_and_says_no_kind_of_what_is_meant() -> None:
    text = "alles aus im Bad, nur das Rollo soll oben bleiben"
    clause = _clause(
        text, "HassTurnOff", scope="all", domain="cover", device_class="blind",
        spans=(("area", "Bad"), ("device", "Rollo")),
    )  # fmt: skip
    stays = with_what_stays(clause, lexicon("de"))
    assert [(s.slot, s.text) for s in stays.spans] == [("area", "Bad"), ("except", "Rollo")]
    assert stays.attributes["domain"].label == NONE


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("alles aus bei Jonas", "area"),
        ("alles aus außer bei Jonas", "except"),
        ("alles aus, nur nicht bei Jonas", "except"),
    ],
)
def test_somebodys_place_is_spared_only_where_a_word_says_so(text: str, slot: str) -> None:
    clause = _clause(text, "HassTurnOff", scope="all", spans=(("except", "Jonas"),))
    found = with_what_is_excepted(clause, lexicon("de"))
    assert [s.slot for s in found.spans] == [slot]


@pytest.mark.parametrize(
    ("language", "text", "slot", "said", "room"),
    [
        ("de", "mach bei den Kindern das Licht aus", "area", "Kindern", "Kinderzimmer"),
        ("nl", "doe het licht uit bij de kinderen", "time", "bij de kinderen", "Kinderzimmer"),
        ("de", "mach bei den Nachbarn das Licht aus", "area", "Nachbarn", "Nachbarn"),
        ("nl", "doe het licht uit bij zonsondergang", "time", "bij zonsondergang", None),
    ],
)
def test_a_room_may_be_said_by_who_lives_in_it(
    language: str, text: str, slot: str, said: str, room: str | None
) -> None:
    home = load_home({"areas": [{"name": "Kinderzimmer"}, {"name": "Küche"}]})
    (found,) = at_whose(
        _clause(text, "HassTurnOff", spans=((slot, said),)), home, lexicon(language)
    ).spans
    assert (found.slot, found.text) == (("area", room) if room else (slot, said))


@pytest.mark.parametrize(("item", "added"), [("einen", False), ("Milch", True)])
def test_an_article_alone_is_no_item(item: str, added: bool) -> None:
    home = load_home({"entities": [{"name": "Einkaufsliste", "domain": "todo"}]})
    clause = _clause(f"wir brauchen {item}", "HassListAddItem", spans=(("item", item),))
    done = change_list(clause, home, Context(datetime(2026, 11, 24, tzinfo=UTC), language="de"))
    assert bool(done.actions) == added


@pytest.mark.parametrize(
    ("name", "room"),
    [("store des enfants", "Chambre des jumeaux"), ("the twins' blind", None), ("store", None)],
)
def test_somebodys_blind_is_the_one_in_their_room(name: str, room: str | None) -> None:
    home = load_home(
        {"areas": [{"name": "Chambre des jumeaux", "aliases": ["chambre des enfants"]}]}
    )
    clause = _clause(name, "HassTurnOff", spans=(("name", name),))
    theirs = kind_of_theirs(clause, clause.spans[0], home)
    said = {span.slot: span.text for span in theirs.spans} if theirs else {}
    assert said.get("area") == room
