"""The translation skill: what it hears, what it gives, and that it never acts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from edge.artefact import shipped
from edge.tasks.understand import load_understanding
from hub.cases import Case
from hub.rehearse import Stage
from hub.translation import CannotTranslate, Interpreter, Translators
from hub.translation.choose import artefacts_by_pair
from hub.translation.glossary import Term, protect
from hub.translation.interpreter import Agreed
from hub.translation.request import Between, Stop, Wanted, wish_of
from hub.translation.sentences import sentences_of

DOC = Path(__file__).parents[2] / "docs/translation.md"
HOME = {
    "areas": [{"name": "Kitchen"}],
    "entities": [
        {"id": "light.kitchen", "name": "Kitchen light", "area": "Kitchen", "state": "on"},
        {"id": "climate.heating", "name": "Heating", "state": "heat"},
    ],
}


@pytest.fixture(scope="module")
def translators() -> Translators:
    return Translators(shipped("translate").parent)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage(load_understanding())


def run(stage: Stage, text: str, session: str | None = None) -> dict[str, Any]:
    return asyncio.run(stage.run(Case(text=text, home=HOME, session=session)))


@pytest.mark.parametrize(
    ("said", "language", "wish"),
    [
        ("How do you say 'turn off the heating' in Spanish?", "en", Wanted("turn off the heating", "es")),
        ("translate into French: good morning", "en", Wanted("good morning", "fr")),
        ("translate for the plumber: the sink is blocked", "en", Wanted("the sink is blocked", None, "plumber")),
        ("Wie sagt man „mach das Licht aus“ auf Spanisch?", "de", Wanted("mach das Licht aus", "es")),
        ("¿Cómo se dice 'apaga la luz' en inglés?", "es", Wanted("apaga la luz", "en")),
        ("comment dit-on « éteins la lumière » en anglais ?", "fr", Wanted("éteins la lumière", "en")),
        ("“关灯”用英语怎么说？", "zh", Wanted("关灯", "en")),
        ("translate between English and Spanish here", "en", Between("en", "es")),
        ("stop translating", "en", Stop()),
        ("turn off the lights", "en", None),
        ("what is the temperature in the kitchen", "en", None),
    ],
)  # fmt: skip
def test_what_is_to_be_translated_is_heard(said: str, language: str, wish: Any) -> None:
    assert wish_of(said, language) == wish


@pytest.mark.parametrize(
    "said",
    [
        "how do you say 'turn off the heating' in spanish",
        "How do you say 'turn off the kitchen light' in German?",
        "translate into French: turn off the kitchen light",
        "how do you say turn off the heating in klingon",
        "translate turn off everything",
    ],
)
def test_a_command_that_is_to_be_translated_is_not_carried_out(stage: Stage, said: str) -> None:
    result = run(stage, said)
    assert result["actions"] == [] and result["changes"] == {}
    assert result["status"] in ("answered", "clarify", "refused")


def test_in_the_two_way_mode_nothing_is_carried_out_until_it_ends(stage: Stage) -> None:
    begun = run(stage, "translate between English and Spanish here", "two")
    assert "English" in begun["reply"] and begun["status"] == "answered"
    assert run(stage, "turn off the kitchen light", "two")["actions"] == []
    assert run(stage, "stop translating", "two")["status"] == "answered"
    assert run(stage, "turn off the kitchen light", "two")["actions"] != []


def test_numbers_and_terms_leave_the_sentence_and_come_back() -> None:
    kept = protect("Turn on the boiler room fan at 7:30", [Term("boiler room", "sala de calderas")])
    assert kept is not None and kept.text == "Turn on the <x1> fan at <n1>"
    assert kept.restored("a <n1> b <x1>") == "a 7:30 b sala de calderas"


@pytest.mark.parametrize("lost", ["a <n1>", "a <n1> <n1> <x1>", "<x1> <n2>"])
def test_a_translation_that_lost_a_number_is_none(lost: str) -> None:
    kept = protect("boiler at 7", [Term("boiler", "caldera")])
    assert kept is not None and kept.restored(lost) is None


def test_a_text_is_split_where_sentences_end() -> None:
    text = "Mr. Smith is here. It costs 3.50 euros! 好的。请进。"
    assert sentences_of(text) == ["Mr. Smith is here.", "It costs 3.50 euros!", "好的。", "请进。"]


def test_each_direction_has_a_shipped_model(translators: Translators) -> None:
    wanted = {pair for other in ("de", "es", "fr", "zh") for pair in (("en", other), (other, "en"))}
    assert set(translators.pairs()) == wanted
    assert set(artefacts_by_pair(shipped("translate").parent).values()) == {shipped("translate")}


@pytest.mark.parametrize(
    ("text", "source", "target", "wanted"),
    [
        ("Turn off the heating.", "en", "de", "Schalte die Heizung aus."),
        ("turn off the heating", "en", "es", "Apaga la calefacción"),
        ("Thank you very much.", "en", "fr", "Merci beaucoup."),
        ("Set the temperature to 21 degrees.", "en", "de", "Stell die Temperatur auf 21 Grad."),
        ("Die Waschmaschine ist kaputt.", "de", "en", "The washing machine is broken."),
        ("Guten Morgen.", "de", "es", "Buenos días."),
    ],
)
def test_the_shipped_model_speaks_of_the_household(
    translators: Translators, text: str, source: str, target: str, wanted: str
) -> None:
    assert translators.translate(text, source, target).text == wanted


@pytest.mark.parametrize(
    "text",
    [
        "The mitochondria are the powerhouse of the cell.",
        "My lawyer sued the parliament.",
        "asdf qwer",
    ],
)
def test_what_is_outside_the_household_is_not_translated(
    translators: Translators, text: str
) -> None:
    with pytest.raises(CannotTranslate):
        translators.translate(text, "en", "de")


def test_a_language_that_no_model_has_is_named(translators: Translators) -> None:
    with pytest.raises(CannotTranslate, match="en to pl"):
        translators.translate("Good morning.", "en", "pl")


def test_models_are_opened_when_needed_and_let_go(tmp_path: Path) -> None:
    translators = Translators(tmp_path)
    assert not translators.loaded
    translators.translate("Good morning.", "en", "de")
    assert translators.loaded
    translators.release()
    assert not translators.loaded


async def test_the_plumber_is_spoken_to_in_the_language_that_was_agreed(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from devices.home import Home
    from hub.values import Request, Status

    interpreter = Interpreter(Translators(tmp_path), Agreed({"plumber": "es"}))
    request = Request(
        "1", "t", "translate for the plumber: turn off the water", "k", "k", datetime.now(UTC)
    )
    plan = await interpreter.plan(request, None, Home(), "en", False)
    interpreter.close()
    assert plan is not None and plan.status is Status.ANSWERED and not plan.actions
    assert plan.answers[0].text == "Apaga el agua"


@pytest.mark.parametrize(
    "command", [line for line in DOC.read_text("utf-8").splitlines() if line.startswith("hearthd ")]
)
def test_the_commands_of_the_docs_run(command: str) -> None:
    import shlex

    from typer.testing import CliRunner

    from hub.cli.main import app

    result = CliRunner().invoke(app, shlex.split(command)[1:])
    assert result.exit_code == 0 and result.stdout.strip()


def test_the_command_says_as_json_why_there_is_no_translation() -> None:
    import json

    from typer.testing import CliRunner

    from hub.cli.main import app

    result = CliRunner().invoke(
        app, ["translate", "Quantum chromodynamics.", "--to", "de", "--json"]
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "not_translated"
