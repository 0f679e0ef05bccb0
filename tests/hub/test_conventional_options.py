"""Modes and presets that devices name in English, said in the language of the house."""

from __future__ import annotations

import pytest

from devices.homefile import load_home
from hub.ground.options import choice

HOME = load_home(
    {
        "entities": [
            {
                "id": "climate.room",
                "name": "Room",
                "attributes": {
                    "hvac_modes": ["off", "heat", "cool", "dry", "fan_only"],
                    "preset_modes": ["eco", "comfort", "away", "sleep", "frost_protection"],
                },
            },
            {
                "id": "fan.cleaner",
                "name": "Cleaner",
                "attributes": {"preset_modes": ["sleep", "Nacht", "boost", "vela"]},
            },
        ]
    }
)


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ("hors-gel", "frost_protection"),
        ("Frostschutz", "frost_protection"),
        ("mode absent", "away"),
        ("poza domem", "away"),
        ("Nachtmodus", "sleep"),
        ("Kühlbetrieb", "cool"),
        ("nur lüften", "fan_only"),
        ("refrigerar", "cool"),
        ("除湿", "dry"),
        ("离家模式", "away"),
        ("Spaß", None),
    ],
)
def test_an_option_is_known_by_what_people_call_it(said: str, option: str | None) -> None:
    found = choice(HOME.entities["climate.room"], HOME, said)
    assert (found[1] if found else None) == option


def test_a_name_that_the_device_gives_comes_first() -> None:
    found = choice(HOME.entities["fan.cleaner"], HOME, "nacht")
    assert found is not None
    assert found[1] == "Nacht"


@pytest.mark.parametrize("said", ["modo vela", "effet vela", "tryb vela"])
def test_the_word_for_a_mode_is_no_part_of_its_name(said: str) -> None:
    found = choice(HOME.entities["fan.cleaner"], HOME, said)
    assert found is not None
    assert found[1] == "vela"
