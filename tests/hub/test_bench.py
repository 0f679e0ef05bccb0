"""What counts as right in `hearthd bench understand`, and that all recognisers run."""

from pathlib import Path

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.bench.cases import Case, intents_right, slots_right
from hub.bench.understand import CHAIN, GAZETTEER, HASSIL, OURS, Wanted, home_of, measure

ON, OFF = frozenset({"HassTurnOn"}), frozenset({"HassTurnOff"})


def frame(intent: str, **slots: object) -> dict[str, object]:
    return {"intent": intent, "slots": slots}


def case(*intents: frozenset[str], **slots: object) -> Case:
    return Case("a group", "a text", "en", {}, intents=intents, slots=slots)


def test_one_wish_about_two_rooms_may_be_two_frames() -> None:
    assert intents_right(case(ON), [frame("HassTurnOn"), frame("HassTurnOn")])
    assert not intents_right(case(ON), [frame("HassTurnOn"), frame("HassTurnOff")])


def test_every_wish_must_be_there_in_order() -> None:
    assert intents_right(case(ON, OFF), [frame("HassTurnOn"), frame("HassTurnOff")])
    assert not intents_right(case(ON, OFF), [frame("HassTurnOff"), frame("HassTurnOn")])
    assert not intents_right(case(ON, OFF), [frame("HassTurnOn")])


def test_a_slot_that_nobody_asked_for_is_wrong_unless_it_is_implied() -> None:
    wanted = case(ON, name="Lamp")
    assert slots_right(wanted, [frame("HassTurnOn", name="lamp", domain="light")])
    assert not slots_right(wanted, [frame("HassTurnOn", name="lamp", area="Kitchen")])


def test_numbers_are_compared_as_numbers() -> None:
    assert slots_right(case(ON, minutes=5), [frame("HassTurnOn", minutes=5.0)])


@pytest.mark.parametrize("size", [38, 700])
def test_the_homes_of_the_latency_table_have_their_size(size: int) -> None:
    assert len(home_of(size)["entities"]) == size


async def test_all_recognisers_read_the_same_sentences(
    model: UnderstandingModel, data: Path
) -> None:
    found = await measure(model, Wanted(data, ("en",), limit=3), timed=False)
    english = next(row for row in found["scores"] if row["group"] == "Home Assistant en")
    assert {OURS, HASSIL, GAZETTEER, CHAIN} <= set(english)
    assert set(found["peers"]) >= {"hassil", "gazetteer-matcher"}
