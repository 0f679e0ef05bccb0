"""The road from a dangerous wish to its confirmation, with the shipped model and a real guard."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devices.home import EntityState
from devices.homefile import load_home
from devices.services import ServiceCall
from edge.tasks.understand import UnderstandingModel
from hub.ground.sentence import Thresholds
from hub.pin import hash_pin, read_hash
from hub.pin_guard import HOUSE, PinGuard
from hub.policy import Consent, Danger, Policy, Rule
from hub.rehearse import Rehearsal, SyncReader
from hub.road import Travelled, travel
from hub.values import Request, Status
from hub.world import World
from tests.conftest import HOMES

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PINS = {HOUSE: read_hash(hash_pin("2580")), "anna": read_hash(hash_pin("9071"))}
UNLOCK = ServiceCall("lock.front_door", "lock.unlock")
GARAGE = ServiceCall("cover.garage_door", "cover.open_cover")
WITH_PIN = Policy(pin_for=frozenset({Danger.UNLOCK}))


class House:
    """A demo home in memory that is spoken to from several sites."""

    def __init__(self, model: UnderstandingModel, policy: Policy, pins: bool) -> None:
        self.stage = Rehearsal(load_home(HOMES / "demo.yaml"), moment=NOW)
        self.noted: list[Mapping[str, Any]] = []
        thresholds = Thresholds(for_us=model.settings.for_us_threshold)
        self.world = World(
            SyncReader(model), self.stage, self.stage, self, self.stage, policy, thresholds,
            pins=PinGuard(PINS, self.keep) if pins else None,
        )  # fmt: skip
        self.stage.world = self.world

    async def note(self, trace: str, stage: str, content: Mapping[str, Any]) -> None:
        self.noted.append(content)

    async def keep(self, guesses: Mapping[str, Any]) -> None:
        self.noted.append(guesses)

    async def say(self, text: str = "", site: str = "hall", **more: Any) -> Travelled:
        request = Request("x", "t", text, site, more.pop("session", site), NOW, **more)
        return await travel(request, self.world)

    def state(self, entity_id: str) -> str | None:
        return self.stage.current.state(entity_id).state

    def set_state(self, entity_id: str, state: str) -> None:
        states = {**self.stage.current.states, entity_id: EntityState(state)}
        self.stage.current = replace(self.stage.current, states=states)


@pytest.fixture
def house(model: UnderstandingModel) -> House:
    return House(model, Policy(), pins=False)


@pytest.fixture
def pin_house(model: UnderstandingModel) -> House:
    return House(model, WITH_PIN, pins=True)


def status(travelled: Travelled) -> Status:
    return travelled.outcome.status


async def test_a_yes_from_the_same_site_unlocks_once(house: House) -> None:
    asked = await house.say("unlock the front door")
    assert (status(asked), house.state("lock.front_door")) == (Status.CONFIRM, "locked")
    assert status(await house.say("yes")) is Status.DONE
    assert house.state("lock.front_door") == "unlocked"
    house.set_state("lock.front_door", "locked")
    assert status(await house.say(challenge=str(asked.challenge))) is Status.REFUSED
    assert status(await house.say("yes")) is not Status.DONE


async def test_the_token_answers_as_well_as_the_word(house: House) -> None:
    asked = await house.say(call=UNLOCK)
    assert status(await house.say(challenge="CHAL-OF-OTHER-DEVICE")) is Status.REFUSED
    asked = await house.say(call=UNLOCK)
    assert status(await house.say(challenge=str(asked.challenge))) is Status.DONE


async def test_another_site_confirms_nothing_even_in_the_same_session(house: House) -> None:
    asked = await house.say(call=UNLOCK, session="shared")
    for answer in ({"text": "yes"}, {"challenge": asked.challenge}):
        await house.say(call=UNLOCK, session="shared")
        travelled = await house.say(site="nursery", session="shared", **answer)
        assert status(travelled) is not Status.DONE
    assert house.state("lock.front_door") == "locked"


@pytest.mark.parametrize("seconds", [60, 61, 86400, -1])
async def test_a_minute_later_or_before_it_was_asked_a_yes_is_worth_nothing(
    house: House, seconds: int
) -> None:
    asked = await house.say(call=UNLOCK)
    house.stage.moment = NOW + timedelta(seconds=seconds)
    assert status(await house.say(challenge=str(asked.challenge))) is Status.REFUSED


async def test_a_yes_to_what_has_changed_since_is_refused(house: House) -> None:
    asked = await house.say(call=UNLOCK)
    house.set_state("lock.front_door", "jammed")
    refusal = await house.say(challenge=str(asked.challenge))
    assert status(refusal) is Status.REFUSED
    assert "Front Door has changed" in refusal.text


async def test_a_yes_to_what_is_gone_is_refused(house: House) -> None:
    asked = await house.say(call=UNLOCK)
    entities = {k: v for k, v in house.stage.current.entities.items() if k != "lock.front_door"}
    house.stage.current = replace(house.stage.current, entities=entities)
    assert status(await house.say(challenge=str(asked.challenge))) is Status.REFUSED


async def test_a_yes_that_says_more_agrees_to_nothing(house: House) -> None:
    await house.say("unlock the front door")
    assert status(await house.say("yes, and open the garage door")) is not Status.DONE
    assert house.state("lock.front_door") == "locked"


async def test_a_wish_in_between_withdraws_the_question(house: House) -> None:
    asked = await house.say(call=UNLOCK)
    assert status(await house.say("turn on the floor lamp")) is Status.DONE
    assert status(await house.say(challenge=str(asked.challenge))) is Status.REFUSED


async def test_where_a_pin_is_set_a_yes_leads_to_the_question_for_it(pin_house: House) -> None:
    asked = await pin_house.say("unlock the front door")
    assert asked.text.endswith("Please tell me the PIN.")
    again = await pin_house.say("yes")
    assert (status(again), again.text) == (Status.CONFIRM, "I need the PIN to unlock Front Door.")
    assert again.challenge != asked.challenge
    assert status(await pin_house.say(pin="2580")) is Status.DONE


async def test_a_pin_with_the_wish_is_consent_and_with_the_token_too(pin_house: House) -> None:
    assert status(await pin_house.say("unlock the front door", pin="2580")) is Status.DONE
    pin_house.set_state("lock.front_door", "locked")
    asked = await pin_house.say(call=UNLOCK)
    done = await pin_house.say(challenge=str(asked.challenge), pin="2580")
    assert status(done) is Status.DONE


async def test_a_wrong_pin_is_refused_and_the_question_goes_on_waiting(pin_house: House) -> None:
    await pin_house.say("unlock the front door")
    wrong = await pin_house.say(pin="1234' OR '1'='1")
    assert (status(wrong), wrong.text) == (
        Status.REFUSED, "That is not the PIN. 4 tries are left.",
    )  # fmt: skip
    assert status(await pin_house.say(pin="2580")) is Status.DONE


async def test_five_wrong_pins_lock_and_then_the_right_one_is_not_taken(pin_house: House) -> None:
    for _ in range(4):
        await pin_house.say(call=UNLOCK, pin="0001")
    locked = await pin_house.say(call=UNLOCK, pin="0001")
    assert "too many wrong PINs. Try again in 6 minutes" in locked.text
    assert status(await pin_house.say(call=UNLOCK, pin="2580")) is Status.REFUSED
    assert pin_house.state("lock.front_door") == "locked"


async def test_a_pin_out_of_the_blue_confirms_nothing(pin_house: House) -> None:
    travelled = await pin_house.say(pin="2580")
    assert (status(travelled), travelled.outcome.steps) == (Status.REFUSED, ())
    assert "nothing that waits" in travelled.text


async def test_a_danger_without_pin_is_content_with_a_yes(pin_house: House) -> None:
    await pin_house.say("open the garage door")
    assert status(await pin_house.say("yes")) is Status.DONE


async def test_a_house_without_a_pin_takes_none_as_a_mere_answer(house: House) -> None:
    await house.say(call=UNLOCK)
    assert status(await house.say(pin="0000")) is Status.DONE


async def test_a_rule_for_a_person_needs_that_persons_pin(model: UnderstandingModel) -> None:
    only_anna = Rule(Consent.PIN, services=("lock.unlock",), people=frozenset({"anna"}))
    nobody = Rule(Consent.NEVER, services=("lock.unlock",))
    house = House(model, Policy(rules=(only_anna, nobody)), pins=True)
    assert status(await house.say(call=UNLOCK, user="anna", pin="2580")) is Status.REFUSED
    assert status(await house.say(call=UNLOCK, user="anna")) is Status.REFUSED
    assert status(await house.say(call=UNLOCK, pin="2580")) is Status.REFUSED
    assert status(await house.say(call=UNLOCK, user="anna", pin="9071")) is Status.DONE


async def test_no_stage_writes_a_pin_down(pin_house: House) -> None:
    await pin_house.say(call=UNLOCK, pin="0815")
    await pin_house.say("unlock the front door", pin="2580")
    assert "0815" not in json.dumps(pin_house.noted)
    assert "2580" not in json.dumps(pin_house.noted)
    assert "2580" not in repr(Request("x", "t", "", "hall", "hall", NOW, pin="2580"))
