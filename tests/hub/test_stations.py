"""A station, a channel or an input is said without the player that has it, as on a sofa."""

from __future__ import annotations

import json

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

HOME = load_home(
    {
        "areas": [{"id": "lounge", "name": "Lounge"}, {"id": "kitchen", "name": "Kitchen"}],
        "entities": [
            {
                "id": "media_player.tv",
                "name": "Samsung Frame",
                "area": "lounge",
                "state": "on",
                "attributes": {"source_list": ["HDMI 1", "HDMI 2", "ZDF", "NPO 3", "S4C"]},
            },
            {
                "id": "media_player.radio",
                "name": "Kitchen Radio",
                "area": "kitchen",
                "state": "playing",
                "attributes": {"source_list": ["Radio 4", "NPO Klassiek"]},
            },
            {"id": "light.lounge", "name": "Floor Lamp", "area": "lounge", "state": "on"},
        ],
    }
)


@pytest.mark.parametrize(
    ("said", "language", "player", "source"),
    [
        ("put HDMI 2 on", "en", "media_player.tv", "HDMI 2"),
        ("flick over to S4C", "en", "media_player.tv", "S4C"),
        ("schalt auf ZDF um", "de", "media_player.tv", "ZDF"),
        ("zet NPO 3 op", "nl", "media_player.tv", "NPO 3"),
        ("passe sur HDMI 2", "fr", "media_player.tv", "HDMI 2"),
        ("pon HDMI 2", "es", "media_player.tv", "HDMI 2"),
        ("radio 4 on please", "en", "media_player.radio", "Radio 4"),
        ("zet npo klassiek op in de kitchen", "nl", "media_player.radio", "NPO Klassiek"),
    ],
)
async def test_a_source_is_set_on_the_player_that_lists_it(
    model: UnderstandingModel, said: str, language: str, player: str, source: str
) -> None:
    reply = await Stage(model, HOME).run_line(json.dumps({"text": said, "language": language}))
    assert reply["changes"][player]["attributes"]["source"] == source
    assert set(reply["changes"]) == {player}


@pytest.mark.parametrize(
    "said", ["i watched ZDF last night", "the floor lamp on", "turn off HDMI 2"]
)
async def test_nothing_is_set_to_a_source_that_was_not_wished(
    model: UnderstandingModel, said: str
) -> None:
    reply = await Stage(model, HOME).run_line(json.dumps({"text": said}))
    assert not any("source" in done.get("attributes", {}) for done in reply["changes"].values())
