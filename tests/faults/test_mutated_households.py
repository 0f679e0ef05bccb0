"""What people say in homes of many languages, mutated: whatever is heard, the hub has an answer."""

from __future__ import annotations

import json
import random
from collections import defaultdict

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage
from tests.faults.mutations import mutations
from tests.faults.test_mutations import COUNT, SEED
from tests.hub.household import CASES, households

LONGEST = 500


async def test_no_mutated_sentence_breaks_the_hub(model: UnderstandingModel) -> None:
    said: dict[str, list[bytes]] = defaultdict(list)
    for household in households():
        said[household.home] += [turn["say"].encode() for turn in household.turns]
    stage, chance = Stage(model), random.Random(SEED)
    for home, seeds in said.items():
        path = str(CASES / "homes" / f"{home}.yaml")
        for payload in mutations(seeds, COUNT // (3 * len(said)), chance):
            text = payload.decode("utf-8", "replace")[:LONGEST]
            result = await stage.run_line(json.dumps({"id": 1, "text": text, "home": path}))
            assert "something went wrong inside" not in result["reply"], f"{home}: {text!r}"


@pytest.mark.parametrize(
    ("home", "text"),
    [
        ("piso", "Cuando anocanocanocanochezca enciende la luz de la terraz y la persiana del salón bche"),
        ("bungalow", "Off the light an" + " light an" * 20 + " light and! put the fan full"),
        ("hezu", "购物清单加上\ufffd精，再\ufffd阿杰的灯变蓝色，沛发灯变绿色"),
    ],
)  # fmt: skip
async def test_what_once_broke_it(model: UnderstandingModel, home: str, text: str) -> None:
    path = str(CASES / "homes" / f"{home}.yaml")
    result = await Stage(model).run_line(json.dumps({"id": 1, "text": text, "home": path}))
    assert "something went wrong inside" not in result["reply"]
