import pytest

from devices.homefile import load_home
from devices.services import ServiceCall
from hub.permit import Policy, is_dangerous, permit
from hub.values import Action, Plan, Status
from tests.conftest import HOMES

HOME = load_home(HOMES / "demo.yaml")


@pytest.mark.parametrize(
    ("entity_id", "service", "data", "dangerous"),
    [
        ("lock.front_door", "lock.unlock", {}, True),
        ("lock.front_door", "lock.lock", {}, False),
        ("cover.garage_door", "cover.open_cover", {}, True),
        ("cover.garage_door", "cover.close_cover", {}, False),
        ("cover.garage_door", "cover.set_cover_position", {"position": 30}, True),
        ("cover.bedroom_blinds", "cover.open_cover", {}, False),
        ("cover.nursery_window", "cover.open_cover", {}, True),
        ("valve.garden_water", "valve.open_valve", {}, True),
        ("alarm_control_panel.home", "alarm_control_panel.alarm_disarm", {}, True),
        ("alarm_control_panel.home", "alarm_control_panel.alarm_arm_away", {}, False),
        ("siren.hall", "siren.turn_on", {}, True),
        ("climate.bedroom", "climate.set_temperature", {"temperature": 27}, True),
        ("climate.bedroom", "climate.set_temperature", {"temperature": 20}, False),
        ("light.floor_lamp", "light.turn_on", {}, False),
    ],
)
def test_what_is_dangerous(
    entity_id: str, service: str, data: dict[str, int], dangerous: bool
) -> None:
    assert is_dangerous(ServiceCall(entity_id, service, data), HOME, Policy()) is dangerous


def test_what_the_owner_marks_is_dangerous_whatever_it_claims_to_be() -> None:
    call = ServiceCall("switch.kettle", "switch.turn_on", {})
    assert not is_dangerous(call, HOME, Policy())
    assert is_dangerous(call, HOME, Policy(confirm_entities=frozenset({"switch.kettle"})))


def test_one_dangerous_member_makes_the_whole_plan_wait() -> None:
    calls = [
        ServiceCall("light.floor_lamp", "light.turn_on", {}),
        ServiceCall("lock.front_door", "lock.unlock", {}),
    ]
    plan = Plan(Status.DONE, actions=tuple(Action(call) for call in calls))
    permitted = permit(plan, HOME, Policy())
    assert permitted.status is Status.CONFIRM
    assert "Front Door" in (permitted.answers[0].text or "")


def test_an_unknown_entity_is_dangerous() -> None:
    assert is_dangerous(ServiceCall("light.nobody", "light.turn_on", {}), HOME, Policy())
