"""The words that may fit are found without comparing each, and none is missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.homefile import load_home
from hub.ground.index import words_of
from hub.ground.names import word_fit

SPOKEN = (
    "light lihgt lights lamp lampe licht kitchn kitchen kichen livin living bedrom bad thermostat "
    "termostat blinds shutter rollladen cortina volet tv telly television hoover roomba frunt front "
    "nite night two 2 x ph knight faucet phan 灯 客厅"
).split()


@pytest.mark.parametrize("spoken", SPOKEN)
def test_every_word_that_fits_is_among_those_that_may(spoken: str) -> None:
    like = words_of(load_home(Path("configs/homes/demo.yaml"))).alike
    fitting = {word for word in like.words if word_fit(spoken, word)}
    assert fitting <= set(like.to(spoken))


def test_most_words_are_not_looked_at() -> None:
    like = words_of(load_home(Path("configs/homes/demo.yaml"))).alike
    assert len(like.to("kitchen")) < len(like.words) / 4
