"""The language of a sentence is one of the house's."""

import pytest

from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import LANGUAGES, Scored
from hub.languages.spoken import spoken_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("turn off the lights in the kitchen", "en"),
        ("mach das Licht in der Küche aus", "de"),
        ("éteins la lumière du salon", "fr"),
        ("apaga las luces de la cocina", "es"),
        ("spegni le luci in soggiorno", "it"),
        ("doe de lampen in de keuken uit", "nl"),
        ("wyłącz światło w kuchni", "pl"),
        ("zhasni světla v obýváku", "cs"),
        ("sammuta keittiön valot", "fi"),
        ("kapcsold le a lámpát a konyhában", "hu"),
        ("выключи свет на кухне", "ru"),
        ("вимкни світло на кухні", "uk"),
        ("اطفئ الاضواء في المطبخ", "ar"),
        ("把客厅的灯关掉", "zh-CN"),
        ("mutfaktaki ışıkları kapat", "tr"),
    ],
)
def test_sentences_tell_their_language(model: UnderstandingModel, text: str, language: str) -> None:
    assert spoken_language(model.read_sync(text).languages, LANGUAGES, "sl") == language


def test_only_the_languages_of_the_house_are_considered() -> None:
    assert spoken_language([Scored("es", 0.9)], ("en", "de"), "de") == "de"


def test_what_might_be_any_language_is_in_the_usual_one() -> None:
    assert spoken_language([Scored("sv", 0.3), Scored("de", 0.2)], ("en", "de"), "en") == "en"
    assert spoken_language([], ("en", "de"), "de") == "de"


def test_a_regional_variant_is_the_one_that_the_house_speaks() -> None:
    assert spoken_language([Scored("pt", 0.9)], ("en", "pt-BR"), "en") == "pt-BR"
    both = spoken_language([Scored("pt", 0.6), Scored("pt-BR", 0.4)], ("pt", "pt-BR"), "pt-BR")
    assert both == "pt"
