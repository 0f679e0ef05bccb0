import pytest

from edge.tasks.language import load_detector

EVERY = tuple("ar bg ca cs da de en es fi fr hu it nl pl pt ro ru sk sl sv tr uk zh-CN".split())


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
def test_sentences_tell_their_language(text: str, language: str) -> None:
    assert load_detector().detect(text, EVERY, "en") == language


def test_only_the_languages_of_the_house_are_considered() -> None:
    assert load_detector().detect("apaga las luces", ("en", "de"), "en") in ("en", "de")


@pytest.mark.parametrize("text", ["", "42 %", "!?", "\x00"])
def test_what_says_nothing_is_in_the_usual_language(text: str) -> None:
    assert load_detector().detect(text, EVERY, "fi") == "fi"


def test_a_regional_variant_is_the_one_that_the_house_speaks() -> None:
    assert load_detector().detect("acende a luz da sala", ("en", "pt-BR"), "en") == "pt-BR"
