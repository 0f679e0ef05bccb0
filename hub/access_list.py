"""The broker's access list, made from the configuration: which login may say and hear what.

The form is mosquitto's `acl_file`. A site logs in under its own name, so that nobody commands or
confirms in another's; a vendor's devices share a login that reaches their own topics and none of
ours.
"""

from __future__ import annotations

from hub.config import ConfigurationError, Settings
from hub.topics import Topics

_HEAD = """# Made by `hearthd broker acl` from the configuration; make it again when that changes.
# In mosquitto.conf:
#   allow_anonymous false
#   password_file /etc/mosquitto/passwords     (mosquitto_passwd -b FILE LOGIN PASSWORD)
#   acl_file /etc/mosquitto/hearthd.acl
# Logins: {logins}
"""


def access_list(settings: Settings) -> str:
    """The whole file. Raises `ConfigurationError` where two parties would share a login."""
    hub = settings.broker.username or "hearthd"
    logins = [hub, *settings.sites, *settings.vendors]
    twice = sorted({login for login in logins if logins.count(login) > 1})
    if twice:
        raise ConfigurationError(f"the login {twice[0]!r} would belong to two parties; rename one")
    topics = Topics(settings.broker.topic_prefix)
    parts = [_HEAD.format(logins=", ".join(logins)), _hub(hub)]
    parts += [_site(site, topics) for site in settings.sites]
    parts += [
        _vendor(login, vendor.topics, vendor.discovery, settings.discovery.prefix)
        for login, vendor in settings.vendors.items()
    ]
    return "\n".join(parts)


def _hub(login: str) -> str:
    return _block(
        login, "the hub itself: devices choose their topics, it must reach all", ["readwrite #"]
    )


def _site(site: str, topics: Topics) -> str:
    return _block(
        site,
        "a site: says its own wishes, hears its own answers",
        [f"write {topics.command(site)}", f"read {topics.reply(site)}",
         f"read {topics.reply(site)}/#", f"read {topics.status}"],
    )  # fmt: skip


def _vendor(login: str, own: list[str], discovery: list[str], prefix: str) -> str:
    return _block(
        login,
        "devices: their own topics, and what announces them",
        [*(f"readwrite {topic}" for topic in own), *(f"write {topic}" for topic in discovery),
         f"read {prefix}/status"],
    )  # fmt: skip


def _block(login: str, what: str, rights: list[str]) -> str:
    return "\n".join([f"# {what}", f"user {login}", *(f"topic {right}" for right in rights), ""])
