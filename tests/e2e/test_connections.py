"""`hearthd run` and `hearthd say` through the doors that real brokers have."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.broker import free_port, mosquitto_path

OPENSSL = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca
for who in server client; do
  openssl req -newkey rsa:2048 -nodes -keyout $who.key -out $who.csr -subj /CN=$who
  printf "subjectAltName=DNS:localhost,IP:127.0.0.1" > $who.ext
  openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $who.crt \
    -days 2 -extfile $who.ext
done
"""


def hearthd(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub.cli.main", *words, "--config", str(config)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@contextmanager
def running_hub(folder: Path, listener: str, client: str) -> Iterator[Path]:
    """A mosquitto with this listener, and a hub with this `[broker]` section."""
    mosquitto = mosquitto_path()
    if mosquitto is None:
        pytest.skip("no mosquitto")
    port = free_port(0)
    conf, config = folder / "mosquitto.conf", folder / "hearthd.toml"
    user = "user root\n" if os.geteuid() == 0 else ""  # else it becomes one who cannot read here
    conf.write_text(f"{user}listener {port} 127.0.0.1\n{listener}\n", "utf-8")
    config.write_text(
        f'[storage]\ndirectory = "{folder}/state"\n[broker]\nport = {port}\n{client}\n', "utf-8"
    )
    run = [sys.executable, "-m", "hub.cli.main", "run", "--config", str(config)]
    with subprocess.Popen([mosquitto, "-c", str(conf)], stderr=subprocess.DEVNULL) as broker:
        with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as hub:
            assert hub.stdout is not None
            try:
                assert "ready" in hub.stdout.readline()
                yield config
            finally:
                hub.terminate()
                hub.wait()
                broker.terminate()


def test_user_and_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "hub", "secret"], check=True)
    secret = tmp_path / "secret"
    secret.write_text("secret\n", "utf-8")
    login = f'username = "hub"\npassword_file = "{secret}"'
    with running_hub(tmp_path, f"password_file {passwords}", login) as config:
        assert "It is" in hearthd(config, "say", "what time is it").stdout
        secret.write_text("wrong\n", "utf-8")
        refused = hearthd(config, "say", "what time is it")
    assert refused.returncode == 4
    assert "Not authorized" in refused.stderr


def test_websockets(tmp_path: Path) -> None:
    # mosquitto 2.0.11 does not start with a websockets listener alone
    listener = f"protocol websockets\nallow_anonymous true\nlistener {free_port(0)} 127.0.0.1"
    with running_hub(tmp_path, listener, 'transport = "websockets"') as config:
        assert "It is" in hearthd(config, "say", "what time is it").stdout


def test_tls_with_a_client_certificate(tmp_path: Path) -> None:
    subprocess.run(["sh", "-ec", OPENSSL], cwd=tmp_path, check=True, capture_output=True)
    listener = (
        f"cafile {tmp_path}/ca.crt\ncertfile {tmp_path}/server.crt\nkeyfile {tmp_path}/server.key\n"
        "require_certificate true\nallow_anonymous true"
    )
    tls = (
        f'[broker.tls]\nca = "{tmp_path}/ca.crt"\n'
        f'certificate = "{tmp_path}/client.crt"\nkey = "{tmp_path}/client.key"'
    )
    with running_hub(tmp_path, listener, tls) as config:
        assert "It is" in hearthd(config, "say", "what time is it").stdout
        doctor = hearthd(config, "doctor")
    assert "connected" in doctor.stdout
