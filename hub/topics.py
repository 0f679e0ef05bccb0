"""The one place that makes topics."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SITE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The hub's own topics under a prefix."""

    prefix: str = "hearthd"

    @property
    def status(self) -> str:
        """Retained `online` or, as last will, `offline`."""
        return f"{self.prefix}/status"

    @property
    def commands(self) -> str:
        """What to subscribe to for commands of all sites."""
        return f"{self.prefix}/command/+"

    def command(self, site: str) -> str:
        """Where a site says what it wants."""
        return f"{self.prefix}/command/{site}"

    def reply(self, site: str) -> str:
        """Where a site hears the answer."""
        return f"{self.prefix}/reply/{site}"

    @property
    def replies(self) -> str:
        """Prefix of all replies."""
        return f"{self.prefix}/reply/"

    @property
    def mark(self) -> str:
        """What the hub says to itself, to know that all before it has arrived."""
        return f"{self.prefix}/mark"

    def event(self, kind: str) -> str:
        """What happened."""
        return f"{self.prefix}/event/{kind}"

    def site_of(self, topic: str) -> str | None:
        """The site of a command topic; None if the topic is not one."""
        site = topic.removeprefix(f"{self.prefix}/command/")
        return site if site != topic and _SITE.fullmatch(site) else None

    def allows_reply(self, topic: str) -> bool:
        """Whether a response topic lies where replies belong: a device's command topic does not."""
        return topic.startswith(f"{self.prefix}/reply/") and not set("+#\x00") & set(topic)
