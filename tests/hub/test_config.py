from pathlib import Path

import pytest

from hub.config import ConfigurationError, Settings, load_settings


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
