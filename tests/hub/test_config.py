from datetime import time
from pathlib import Path

import pytest

from hub.config import ConfigurationError, Settings, load_settings
from hub.house_rules import known_pins, policy_of
from hub.pin import hash_pin
from hub.policy import Consent, Danger


def mistakes(tmp_path: Path, text: str) -> str:
    path = tmp_path / "hearthd.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})
    return str(caught.value)


def test_the_documented_configuration_has_every_key_with_its_default() -> None:
    path = Path(__file__).parents[2] / "configs" / "hearthd.toml"
    assert load_settings(path, {}) == Settings()
    text = path.read_text("utf-8")
    for name, field in Settings.model_fields.items():
        for key in getattr(field.annotation, "model_fields", {}):
            assert f"{key} =" in text or f"{key}]" in text or f"{name}.{key}" in text, (name, key)


def test_all_mistakes_come_at_once_with_line_key_and_suggestion(tmp_path: Path) -> None:
    said = mistakes(tmp_path, '[broker]\nprot = 1883\nport = "18a3"\n\n[house]\nlanguage = "x"\n')
    lines = said.splitlines()
    assert len(lines) == 3
    assert any(
        "hearthd.toml:2 broker.prot: there is no such key. Did you mean port?" in x for x in lines
    )
    assert any(":3 broker.port:" in x and "got '18a3'" in x for x in lines)


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text("[broker]\nport = 1\n", "utf-8")
    assert load_settings(path, {"HEARTHD_BROKER__PORT": "1884"}).broker.port == 1884


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path / "none.toml", {})


def test_rules_people_and_vendors_become_the_policy(tmp_path: Path) -> None:
    line = hash_pin("2580")
    path = tmp_path / "hearthd.toml"
    path.write_text(
        f'[people.anna]\npin = "{line}"\n[vendors.zigbee]\ntopics = ["zigbee2mqtt/#"]\n'
        '[[policy.rules]]\nneed = "never"\nareas = ["Kids\' Room"]\nhours = "22:00-06:00"\n'
        'days = ["su"]\n[[policy.rules]]\nneed = "pin"\npeople = ["anna"]\n',
        "utf-8",
    )
    settings = load_settings(path, {})
    policy = policy_of(settings)
    assert [rule.need for rule in policy.rules] == [Consent.NEVER, Consent.PIN]
    assert policy.rules[0].areas == {"kids_room"}
    assert policy.rules[0].hours == (time(22), time(6))
    assert policy.rules[0].days == {6}
    assert policy.pin_for == {Danger.UNLOCK, Danger.OPEN, Danger.DISARM}
    assert set(known_pins(settings)) == {"anna"}
    assert line not in repr(settings)


def test_without_a_pin_nothing_asks_for_one() -> None:
    assert policy_of(Settings()).pin_for == frozenset()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[policy]\npin = "1234"\n', "not a PIN's hash"),
        ('[[policy.rules]]\nneed = "pin"\n', "none is set"),
        ('[[policy.rules]]\nneed = "maybe"\n', "need"),
        ('[[policy.rules]]\nneed = "yes"\npeople = ["anna"]\n', "no person 'anna'"),
        ('[[policy.rules]]\nneed = "yes"\nhours = "25:00-26:00"\n', "span of hours"),
        ('[[policy.rules]]\nneed = "yes"\nhours = "at night"\n', "hours"),
        ('[sites]\n"a/b" = "Hall"\n', "sites"),
    ],
)
def test_mistakes_about_who_may_what_are_told_without_secrets(
    tmp_path: Path, text: str, why: str
) -> None:
    said = mistakes(tmp_path, text)
    assert why in said
    assert "1234" not in said


def test_a_mistake_in_a_list_of_tables_has_its_own_line_and_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text('[[house.areas]]\nname = "A"\n[[house.areas]]\nnam = "B"\n', "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})
    said = str(caught.value).replace(str(path), "F").splitlines()
    assert said == [
        "F:3 house.areas.1.name: is missing",
        "F:4 house.areas.1.nam: there is no such key. Did you mean name?",
    ]


def test_a_wrong_form_is_told_by_an_example(tmp_path: Path) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text('[house]\nlanguage = "English"\n', "utf-8")
    with pytest.raises(ConfigurationError, match="something like en or pt-BR, got 'English'"):
        load_settings(path, {})
