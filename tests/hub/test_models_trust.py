"""`hearthd models keygen, sign, trust, add` from the maker's laptop to the hub."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from edge.artefact import shipped
from hub.config import ConfigurationError, load_settings
from hub.config_trust import trust_key

ROOT = Path(__file__).parents[2]
KEY = "ed25519:" + "A" * 43 + "="


def cli(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HEARTHD_MODELS": str(folder / "models"), "HEARTHD_CONFIG": str(folder / "hearthd.toml"),
        "HOME": str(folder),
    }  # fmt: skip
    command = [sys.executable, "-m", "hub.cli.main", "models", *arguments]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_from_a_new_key_to_an_installed_model(tmp_path: Path) -> None:
    made = Path(shutil.copytree(shipped("embed-en"), tmp_path / "made"))
    public = cli(tmp_path, "keygen", str(tmp_path / "key.pem")).stdout.strip()
    signed = cli(tmp_path, "sign", str(made), "--key", str(tmp_path / "key.pem"))
    assert signed.stdout == f"embed-en 1.0.0 is signed by {public}\n", signed
    stranger = cli(tmp_path, "add", str(made))
    assert (stranger.returncode, f"signed by {public}, which is not" in stranger.stderr) == (
        5, True,
    ), stranger  # fmt: skip
    assert cli(tmp_path, "trust", public).returncode == 0
    assert load_settings(tmp_path / "hearthd.toml", {}).models.trusted_keys == [public]
    added = cli(tmp_path, "add", str(made))
    assert added.stdout.splitlines()[-1] == "signed by a trusted key", added


def test_what_is_no_key_is_not_trusted(tmp_path: Path) -> None:
    refused = cli(tmp_path, "trust", "ed25519:AAAA")
    assert (refused.returncode, "is not a public key" in refused.stderr) == (1, True)
    assert not (tmp_path / "hearthd.toml").exists()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "# mine\n[broker]\nport = 1884 # odd",
        "[models] # here\n\n[broker]\nport = 1884\n",
        f'[models]\ntrusted_keys = ["{KEY.replace("A", "B")}"]\n',
        f'[models]\ntrusted_keys = [ # who\n  "{KEY.replace("A", "B")}", # me\n]\n[broker]\n',
        "[models]\ntrusted_keys = []\n",
    ],
)
def test_a_key_is_added_and_nothing_else_changes(tmp_path: Path, written: str) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text(written)
    before = tomllib.loads(written)
    assert trust_key(path, KEY)
    assert not trust_key(path, KEY)
    after = tomllib.loads(path.read_text())
    assert after["models"]["trusted_keys"] == [
        KEY, *before.get("models", {}).get("trusted_keys", []),
    ]  # fmt: skip
    assert {k: v for k, v in after.items() if k != "models"} == {
        k: v for k, v in before.items() if k != "models"
    }
    comments = [line.partition("#")[2] for line in written.splitlines() if "#" in line]
    assert all(comment in path.read_text() for comment in comments)


def test_the_shipped_configuration_takes_a_key(tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "configs" / "hearthd.toml", tmp_path / "hearthd.toml"))
    trust_key(path, KEY)
    assert load_settings(path, {}).models.trusted_keys == [KEY]


@pytest.mark.parametrize(
    "written", ["models = {trusted_keys = []}\n", "models.trusted_keys = []\n"]
)
def test_where_a_line_does_not_fit_the_person_is_told(tmp_path: Path, written: str) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text(written)
    with pytest.raises(ConfigurationError, match="write it yourself"):
        trust_key(path, KEY)
    assert path.read_text() == written


def test_a_trusted_key_that_is_none_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "hearthd.toml"
    path.write_text('[models]\ntrusted_keys = ["mine"]\n')
    with pytest.raises(ConfigurationError, match="'mine' is not a public key"):
        load_settings(path, {})
