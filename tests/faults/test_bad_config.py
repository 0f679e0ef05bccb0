"""Every `config` row of the fault data.

YAML rows are home files here (our configuration is TOML), `hub.toml` rows are our configuration (keys
of features that do not exist are unknown keys), database rows are the journal (tests/hub), and
`automation.json` has no counterpart yet.
"""

import json
from pathlib import Path

import pytest

from devices.homefile import HomeFileError, load_home
from hub.config import ConfigurationError, load_settings

ELSEWHERE = frozenset({"F017", "F019", "F020"})
HARMLESS_HOMES = frozenset({"F003", "F005"})
"""Keys that a home file does not know: they are dropped and switch nothing off."""


def test_every_row_is_refused_or_has_no_effect(data: Path, tmp_path: Path) -> None:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    for row in (r for line in lines if (r := json.loads(line))["surface"] == "config"):
        if row["id"] in ELSEWHERE:
            continue
        path = tmp_path / f"{row['id']}{Path(row['topic']).suffix}"
        path.write_text(row["payload"], "utf-8")
        if path.suffix == ".toml":
            with pytest.raises(ConfigurationError, match=path.name):
                load_settings(path, {})
        elif row["id"] in HARMLESS_HOMES:
            assert not load_home(path).entities
        else:
            with pytest.raises(HomeFileError):
                load_home(path)
    assert not Path("/tmp/hub_canary_pwned").exists()


def test_a_network_share_and_a_foreign_model_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text('[storage]\ndirectory = "//nas/share"\n', "utf-8")
    with pytest.raises(ConfigurationError, match="network share"):
        load_settings(path, {})
    path.write_text('[model]\nartefact = "/etc"\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"storage\.directory"):
        load_settings(path, {})
