from dataclasses import replace
from typing import Any

import pytest

from devices.homefile import load_home
from devices.services import ServiceCall
from hub.permit import Given, needed, permit
from hub.policy import Consent, Danger, Policy, Rule, Source
from hub.values import Action, Effect, HubEffect, Plan, Status
from tests.conftest import HOMES

HOME = load_home(HOMES / "demo.yaml")
LAMP = ServiceCall("light.floor_lamp", "light.turn_on")
UNLOCK = ServiceCall("lock.front_door", "lock.unlock")
GARAGE = ServiceCall("cover.garage_door", "cover.open_cover")
WITH_PIN = Policy(pin_for=frozenset({Danger.UNLOCK}))


def plan(*calls: ServiceCall, effects: tuple[HubEffect, ...] = ()) -> Plan:
    return Plan(Status.DONE, actions=tuple(Action(call) for call in calls), effects=effects)


def scheduled(*calls: ServiceCall, repeat: str | None = None) -> HubEffect:
    data = [{"entity_id": c.entity_id, "service": c.service, "data": dict(c.data)} for c in calls]
    return HubEffect(Effect.SCHEDULE, {"text": "x", "calls": data, "repeat": repeat})


def said(result: Plan) -> str:
    return result.answers[0].text or ""


def test_a_harmless_plan_passes_unchanged() -> None:
    assert permit(plan(LAMP), HOME, Policy()) == plan(LAMP)


def test_one_dangerous_member_makes_the_whole_plan_wait() -> None:
    asked = permit(plan(LAMP, UNLOCK), HOME, Policy())
    assert (asked.status, len(asked.actions)) == (Status.CONFIRM, 2)
    assert said(asked) == "Shall I unlock Front Door?"


def test_a_yes_is_enough_without_a_pin() -> None:
    given = Given(consent=Consent.YES)
    assert permit(plan(UNLOCK), HOME, Policy(), given).status is Status.DONE


@pytest.mark.parametrize(
    ("consent", "status", "text"),
    [
        (Consent.NONE, Status.CONFIRM, "Shall I unlock Front Door? Please tell me the PIN."),
        (Consent.YES, Status.CONFIRM, "I need the PIN to unlock Front Door."),
        (Consent.PIN, Status.DONE, None),
    ],
)
def test_where_a_pin_is_set_a_yes_is_not_enough(
    consent: Consent, status: Status, text: str | None
) -> None:
    result = permit(plan(UNLOCK), HOME, WITH_PIN, Given(consent=consent))
    assert result.status is status
    assert text is None or said(result) == text


def test_a_danger_that_needs_no_pin_is_content_with_a_yes() -> None:
    assert needed(GARAGE, HOME, WITH_PIN) is Consent.YES


def test_a_rule_forbids_one_site_what_others_may() -> None:
    never = Rule(Consent.NEVER, sites=frozenset({"kids"}), services=("lock.*",))
    policy = Policy(rules=(never,))
    refusal = permit(plan(UNLOCK), HOME, policy, Given(Source("kids"), Consent.PIN))
    assert (refusal.status, refusal.actions) == (Status.REFUSED, ())
    assert "do not let me unlock Front Door" in said(refusal)
    assert permit(plan(UNLOCK), HOME, policy, Given(Source("hall"))).status is Status.CONFIRM


def test_what_is_never_allowed_stays_so_in_a_permissive_house_and_for_what_was_agreed() -> None:
    policy = Policy(permissive=True, rules=(Rule(Consent.NEVER, services=("lock.unlock",)),))
    given = Given(agreed=(UNLOCK,))
    assert permit(plan(UNLOCK), HOME, policy, given).status is Status.REFUSED


def test_a_rule_can_free_a_person_who_gave_his_pin_from_the_question() -> None:
    free = Rule(Consent.NONE, people=frozenset({"anna"}), services=("lock.unlock",))
    policy = Policy(rules=(free,))
    anna = Given(Source("hall", "anna"))
    assert permit(plan(UNLOCK), HOME, policy, anna).status is Status.DONE
    assert permit(plan(UNLOCK), HOME, policy, Given(Source("hall"))).status is Status.CONFIRM


def test_a_rule_for_a_lock_holds_inside_a_scene() -> None:
    scene = load_home(
        {"entities": [
            {"name": "Front Door", "domain": "lock"},
            {"name": "Home", "id": "scene.home",
             "attributes": {"entities": {"lock.front_door": "unlocked"}}},
        ]}
    )  # fmt: skip
    policy = Policy(rules=(Rule(Consent.NEVER, entities=("lock.*",)),))
    call = ServiceCall("scene.home", "scene.turn_on")
    assert permit(plan(call), scene, policy, Given(consent=Consent.PIN)).status is Status.REFUSED


def test_a_permissive_house_asks_nothing() -> None:
    assert permit(plan(UNLOCK), HOME, Policy(permissive=True)).status is Status.DONE


def test_a_dangerous_schedule_is_asked_about_now_and_carries_the_consent() -> None:
    later = plan(effects=(scheduled(UNLOCK),))
    assert permit(later, HOME, Policy()).status is Status.CONFIRM
    agreed = permit(later, HOME, Policy(), Given(consent=Consent.YES))
    assert agreed.effects[0].data["agreed"] is True


def test_a_harmless_schedule_carries_no_consent() -> None:
    later = plan(effects=(scheduled(LAMP),))
    assert "agreed" not in permit(later, HOME, Policy()).effects[0].data


def test_only_schedules_carry_a_consent() -> None:
    timer = HubEffect(Effect.START_TIMER, {"seconds": 5})
    result = permit(plan(UNLOCK, effects=(timer,)), HOME, Policy(), Given(consent=Consent.YES))
    assert result.effects == (timer,)


def test_what_was_agreed_when_it_was_scheduled_is_not_asked_again_and_nothing_else_is_free() -> (
    None
):
    given = Given(agreed=(UNLOCK,))
    assert permit(plan(UNLOCK), HOME, Policy(), given).status is Status.DONE
    assert permit(plan(GARAGE), HOME, Policy(), given).status is Status.CONFIRM


@pytest.mark.parametrize("status", [Status.CLARIFY, Status.REFUSED, Status.NOT_UNDERSTOOD])
def test_what_is_decided_already_stays_so(status: Status) -> None:
    decided = replace(plan(UNLOCK), status=status)
    assert permit(decided, HOME, Policy()) == decided


@pytest.mark.parametrize(
    ("entity", "service"),
    [
        ({"name": "Smoke Alarm", "domain": "siren"}, "siren.turn_off"),
        ({"name": "Detector", "domain": "switch", "device_class": "gas"}, "switch.turn_off"),
    ],
)
def test_what_protects_people_is_not_turned_off_by_anybody(
    entity: dict[str, Any], service: str
) -> None:
    home = load_home({"entities": [entity]})
    (entity_id,) = home.entities
    given = Given(consent=Consent.PIN)
    permissive = Policy(permissive=True)
    result = permit(plan(ServiceCall(entity_id, service)), home, permissive, given)
    assert (result.status, result.actions) == (Status.REFUSED, ())
    assert "protects you" in said(result)


def test_a_siren_that_is_no_detector_may_be_silenced() -> None:
    call = ServiceCall("siren.hall", "siren.turn_off")
    assert permit(plan(call), HOME, Policy()).status is Status.DONE


@pytest.mark.parametrize(
    ("call", "repeat", "status"),
    [
        (UNLOCK, "FREQ=MINUTELY", Status.REFUSED),
        (GARAGE, "FREQ=SECONDLY;INTERVAL=10", Status.REFUSED),
        (UNLOCK, "FREQ=DAILY", Status.CONFIRM),
        (LAMP, "FREQ=MINUTELY", Status.DONE),
        (LAMP, None, Status.DONE),
    ],
)
def test_locks_and_doors_are_not_moved_again_and_again(
    call: ServiceCall, repeat: str | None, status: Status
) -> None:
    later = plan(effects=(scheduled(call, repeat=repeat),))
    assert permit(later, HOME, Policy()).status is status


def test_the_question_names_what_it_can() -> None:
    unknown = ServiceCall("lock.nobody", "lock.unlock")
    assert said(permit(plan(unknown), HOME, Policy())) == "Shall I unlock what I do not know?"
    marked = Policy(confirm_entities=frozenset({"light.floor_lamp"}))
    odd = ServiceCall("light.floor_lamp", "light.dance")
    assert said(permit(plan(odd), HOME, marked)) == "Shall I do that with Floor Lamp?"
