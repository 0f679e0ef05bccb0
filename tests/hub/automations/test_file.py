from pathlib import Path

import pytest

from devices.homefile import load_home
from hub.automations.file import AutomationsError, add, read_automations, set_enabled, shown
from tests.conftest import HOMES

WRITTEN = """\
# my house
- id: morning
  alias: Morning
  # every workday
  triggers:
    - trigger: time
      at: 07:30
      weekday: [mon, tue]
  actions:
    - action: light.turn_on
      target: {entity_id: light.kitchen_ceiling} # the big one
      data: {brightness_pct: 30}

# the hall
- id: hall
  alias: Hall off
  triggers:
    trigger: state
    entity_id: light.hallway_light
    to: on
    for: 00:10:00
  actions:
    - action: hearthd.say
      data: {message: Still on}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "automations.yaml"
    path.write_text(WRITTEN, "utf-8")
    return path


def one(
    triggers: str,
    conditions: str = "[]",
    actions: str = "{action: hearthd.say, data: {message: x}}",
) -> str:
    return f"- id: a\n  alias: A\n  triggers: {triggers}\n  conditions: {conditions}\n  actions: {actions}\n"


def test_on_is_a_state_and_a_time_a_time(file: Path) -> None:
    morning, hall = read_automations(file)
    assert str(morning.triggers[0].at[0]) == "07:30:00"  # type: ignore[union-attr]
    assert hall.triggers[0].to == ["on"]  # type: ignore[union-attr]


def test_no_file_is_no_automations(tmp_path: Path) -> None:
    assert read_automations(tmp_path / "none.yaml") == ()


def test_disabling_changes_one_line_and_keeps_every_comment(file: Path) -> None:
    set_enabled(file, "morning", False)
    assert [a.enabled for a in read_automations(file)] == [False, True]
    new = file.read_text("utf-8").splitlines()
    assert set(new) - set(WRITTEN.splitlines()) == {"  enabled: false"}
    assert [line for line in new if "#" in line] == [
        line for line in WRITTEN.splitlines() if "#" in line
    ]


def test_adding_appends_below_what_a_person_wrote(file: Path) -> None:
    new = {
        "id": "hall",
        "alias": "Hall again",
        "triggers": [{"trigger": "time", "at": "21:00"}],
        "actions": [{"action": "light.turn_off", "target": {"entity_id": ["light.x"]}}],
    }
    assert add(file, new, "You do it every day.").id == "hall_2"
    text = file.read_text("utf-8")
    assert text.startswith(WRITTEN.rstrip())
    assert "# You do it every day.\n- id: hall_2" in text
    assert [a.id for a in read_automations(file)] == ["morning", "hall", "hall_2"]


def test_one_is_shown_as_it_stands(file: Path) -> None:
    text = shown(file, "morning")
    assert "# every workday" in text
    assert "hall" not in text


def test_an_unknown_id_is_met_with_the_nearest(file: Path) -> None:
    with pytest.raises(AutomationsError, match="Did you mean morning"):
        set_enabled(file, "mornin", False)


def test_a_file_of_its_own_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "new" / "automations.yaml"
    actions = [{"action": "hearthd.say", "data": {"message": "x"}}]
    add(
        path,
        {
            "id": "a",
            "alias": "A",
            "triggers": [{"trigger": "sun", "event": "sunset"}],
            "actions": actions,
        },
    )
    assert [a.id for a in read_automations(path)] == ["a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: a\n  alias: [", r":2.*not YAML"),
        ("id: a", r":1: expected a list"),
        ("- id: a\n  alias: A\n  actions: []\n", r":1 0.triggers: field required"),
        (one("{trigger: time, at: '25:00'}"), r":3 0.triggers.at.*time of day"),
        (one("[]"), r":3 0.triggers.*at least 1"),
        (one("{trigger: stat, entity_id: light.a}"), r"got 'stat'. Did you mean state\?"),
        (one("{trigger: state, entity_id: light.a, frm: on}"), r"frm: there is no such key. Did you mean from\?"),
        (one("{trigger: state, entity_id: light.a, for: 00:01:00}"), "`for` needs `to`"),
        (one("{trigger: state, entity_id: light.a, to: on, for: soon}"), "not a span"),
        (one("{trigger: numeric_state, entity_id: sensor.a}"), "needs `above` or `below`"),
        (one("{trigger: numeric_state, entity_id: sensor.a, above: .nan}"), "finite"),
        (one("{trigger: numeric_state, entity_id: sensor.a, above: 5, below: 5}"), "nothing lies between"),
        (one("{trigger: sun, event: noon}"), "got 'noon'"),
        (one("{trigger: event, event_type: automation}"), "do not trigger each other"),
        (one("{trigger: sun, event: sunset}", "{condition: time}"), "needs `after`, `before` or"),
        (one("{trigger: sun, event: sunset}", actions="{action: light.turn_on}"), "needs a `target`"),
        (
            one("{trigger: sun, event: sunset}", actions="{action: light.turn_on, target: {entity_id: lock.a}}"),
            "not for lock.a",
        ),
        (
            one("{trigger: sun, event: sunset}", actions="{action: light.turn_on, target: {entity_id: light.a}, data: {brightness_pct: 300}}"),
            "from 0 to 100",
        ),
        (one("{trigger: sun, event: sunset}") * 2, "two automations have the id a"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "automations.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(AutomationsError, match=said) as caught:
        read_automations(path)
    assert str(caught.value).startswith(f"{path}:")


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "automations.yaml"
    path.write_text(one("{trigger: sun, event: noon}", "{condition: time}"), "utf-8")
    with pytest.raises(AutomationsError) as caught:
        read_automations(path)
    assert len(str(caught.value).splitlines()) == 2


def test_what_is_not_in_the_house_is_a_mistake_when_the_house_is_known(file: Path) -> None:
    home = load_home(HOMES / "demo.yaml")
    assert len(read_automations(file, home)) == 2
    file.write_text(WRITTEN.replace("light.kitchen_ceiling", "light.kitchen_cieling"), "utf-8")
    with pytest.raises(AutomationsError, match=r":11 .*Did you mean light.kitchen_ceiling"):
        read_automations(file, home)
