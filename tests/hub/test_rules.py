from datetime import datetime, time

import pytest

from devices.homefile import load_home
from devices.services import ServiceCall
from hub.policy import Consent, Rule, Source
from hub.rules import fits, ruled

HOME = load_home(
    {
        "areas": [{"name": "Nursery"}],
        "entities": [
            {"name": "Heater", "domain": "climate", "area": "Nursery"},
            {"name": "Front Door", "domain": "lock"},
        ],
    }
)
HEATER = ServiceCall("climate.heater", "climate.set_temperature", {"temperature": 20})
LOCK = ServiceCall("lock.front_door", "lock.unlock")
NIGHT = datetime(2026, 11, 25, 23, 30)  # a Wednesday
KID = Source("kids_room", "tim", NIGHT)


@pytest.mark.parametrize(
    ("rule", "fits_heater", "fits_lock"),
    [
        (Rule(Consent.YES), True, True),
        (Rule(Consent.YES, entities=("lock.*",)), False, True),
        (Rule(Consent.YES, entities=("lock.back", "climate.heater")), True, False),
        (Rule(Consent.YES, domains=frozenset({"lock"})), False, True),
        (Rule(Consent.YES, services=("*.set_*",)), True, False),
        (Rule(Consent.YES, areas=frozenset({"nursery"})), True, False),
        (
            Rule(Consent.YES, areas=frozenset({"nursery"}), domains=frozenset({"lock"})),
            False,
            False,
        ),
        (Rule(Consent.YES, sites=frozenset({"kids_room"})), True, True),
        (Rule(Consent.YES, sites=frozenset({"hall"})), False, False),
        (Rule(Consent.YES, people=frozenset({"tim"})), True, True),
        (Rule(Consent.YES, people=frozenset({"anna"})), False, False),
        (Rule(Consent.YES, hours=(time(22), time(6))), True, True),
        (Rule(Consent.YES, hours=(time(6), time(22))), False, False),
        (Rule(Consent.YES, days=frozenset({2})), True, True),
        (Rule(Consent.YES, days=frozenset({0, 6})), False, False),
    ],
)
def test_a_rule_fits_what_everything_it_names_fits(
    rule: Rule, fits_heater: bool, fits_lock: bool
) -> None:
    assert fits(rule, HEATER, HOME, KID) is fits_heater
    assert fits(rule, LOCK, HOME, KID) is fits_lock


def test_an_entity_that_nobody_knows_is_in_no_area() -> None:
    rule = Rule(Consent.YES, areas=frozenset({"nursery"}))
    assert not fits(rule, ServiceCall("light.x", "light.turn_on"), HOME, KID)


def test_a_rule_for_certain_hours_needs_to_know_the_time() -> None:
    assert not fits(Rule(Consent.YES, hours=(time(0), time(23))), LOCK, HOME, Source("hall"))


def test_the_first_rule_that_fits_decides() -> None:
    rules = [Rule(Consent.NEVER, entities=("climate.*",)), Rule(Consent.NONE), Rule(Consent.PIN)]
    assert ruled(HEATER, HOME, KID, rules) is Consent.NEVER
    assert ruled(LOCK, HOME, KID, rules) is Consent.NONE
    assert ruled(LOCK, HOME, KID, []) is None
