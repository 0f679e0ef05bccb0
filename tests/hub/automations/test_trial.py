import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from devices.homefile import load_home
from hub.automations.file import AutomationsError, read_automations
from hub.automations.moments import Place
from hub.automations.trial import Day, Ran, read_happenings, try_automations
from hub.cli.main import app
from hub.policy import Consent, Policy, Rule
from tests.conftest import HOMES

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 25, 6, 0, tzinfo=BERLIN)

FILE = """\
- id: evening
  alias: Evening
  triggers: {trigger: sun, event: sunset}
  actions:
    - {action: light.turn_off, target: {area_id: living_room}}
    - {action: hearthd.say, data: {message: It gets dark.}}
- id: hall
  alias: Hall
  triggers: {trigger: state, entity_id: light.hallway_light, to: off, for: 00:10:00}
  actions: {action: lock.unlock, target: {entity_id: lock.front_door}}
- id: chain
  alias: Chain
  triggers: {trigger: state, entity_id: light.floor_lamp, to: off}
  actions: {action: light.turn_on, target: {entity_id: light.porch}}
"""
HAPPENS = """\
- at: 2026-11-25T12:00:00
  set: {light.hallway_light: off}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "automations.yaml"
    path.write_text(FILE, "utf-8")
    (tmp_path / "events.yaml").write_text(HAPPENS, "utf-8")
    return path


async def tried(file: Path, policy: Policy = Policy()) -> dict[str, Ran]:  # noqa: B008
    happenings = read_happenings(file.with_name("events.yaml"), BERLIN)
    day = Day(START, START + timedelta(days=1), happenings)
    home = load_home(HOMES / "demo.yaml")
    ran = await try_automations(read_automations(file, home), home, day, Place(52.5, 13.4), policy)
    return {one.automation: one for one in ran}


async def test_a_day_passes_and_each_automation_does_its_part(file: Path) -> None:
    ran = await tried(file)
    assert [a[0] for a in ran["evening"].actions] == [
        "light.living_room_ceiling", "light.floor_lamp", "light.tv_backlight",
    ]  # fmt: skip
    assert ran["evening"].said == ("It gets dark.",)
    assert ran["hall"].at == START + timedelta(hours=6, minutes=10)


async def test_what_one_does_is_what_another_waits_for(file: Path) -> None:
    assert [a[:2] for a in (await tried(file))["chain"].actions] == [
        ("light.porch", "light.turn_on")
    ]


async def test_danger_is_refused_with_the_rule_that_would_allow_it(file: Path) -> None:
    hall = (await tried(file))["hall"]
    assert hall.actions == ()
    assert hall.result.startswith("refused: ")
    assert 'sites = ["automation:hall"]' in hall.result


async def test_a_rule_for_this_automation_and_no_other_allows_it(file: Path) -> None:
    def allowing(site: str) -> Policy:
        return Policy(rules=(Rule(Consent.NONE, ("lock.*",), sites=frozenset({site})),))

    assert (await tried(file, allowing("automation:hall")))["hall"].actions
    assert not (await tried(file, allowing("automation:other")))["hall"].actions


async def test_a_happening_with_what_is_not_in_the_home_is_told(file: Path) -> None:
    file.with_name("events.yaml").write_text(
        "- {at: 2026-11-25T12:00:00, set: {light.x: on}}", "utf-8"
    )
    with pytest.raises(AutomationsError, match=r"there is no light\.x"):
        await tried(file)


@pytest.mark.parametrize("text", ["{", "a: 1", "- {at: soon}", "- {at: 2026-11-25T12:00:00}"])
def test_bad_happenings_are_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "events.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(AutomationsError, match=r"events\.yaml"):
        read_happenings(path, BERLIN)


def test_the_command_line_tries_lists_and_switches(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = file.with_name("hearthd.toml")
    config.write_text(
        f'[house]\ntime_zone = "Europe/Berlin"\n[storage]\ndirectory = "{file.parent}"\n', "utf-8"
    )
    monkeypatch.setenv("HEARTHD_CONFIG", str(config))

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["automations", *words])
        assert result.exit_code == code, result.output
        return result.output

    assert "3 automations, no mistakes" in run("test")
    home = str(HOMES / "demo.yaml")
    when = ("--from", "2026-11-25T06:00", "--set", "12:00 light.floor_lamp=off")
    tried = run("test", "--home", home, *when)
    assert "light.turn_on light.porch" in tried
    found = json.loads(run("test", "--home", home, "--json", *when))
    assert [one["id"] for one in found] == ["chain"]
    run("disable", "chain")
    assert "nothing would happen" in run("test", "--home", home, *when)
    assert [row["enabled"] for row in json.loads(run("list", "--json"))] == [True, True, False]
    assert "enabled: false" in run("show", "chain")
    run("enable", "chain")
    assert "on  chain: Chain" in run("list")
    run("enable", "nothing", code=3)
    run("test", "none.yaml", code=1)
    run("test", "--home", home, "--set", "noon", code=2)
    run("test", "--home", home, "--from", "noon", code=2)
