"""What one hub acts in: its ports, its settings, and what changes as people talk to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.automations.moments import Place
from hub.dialogue import Conversation
from hub.ground.sentence import Thresholds
from hub.library import Library
from hub.policy import Policy
from hub.ports import Actuator, Clock, House, PinJudge, Reader, Scribe
from hub.routing.router import Router
from hub.stores import Stores
from hub.support import Support
from hub.taught import Taught
from hub.translation import Interpreter


@dataclass(slots=True)
class World:
    """The ports of one hub, and what changes as conversations go on. `languages` are those that
    people speak here: a request that does not say its own is in one of them, else in `language`.
    `place` is where the house is, if that is known."""

    reader: Reader
    house: House
    actuator: Actuator
    scribe: Scribe
    clock: Clock
    policy: Policy = field(default_factory=Policy)
    thresholds: Thresholds = field(default_factory=Thresholds)
    language: str = "en"
    languages: tuple[str, ...] = ()
    stores: Stores = field(default_factory=Stores)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    pins: PinJudge | None = None
    taught: Taught | None = None
    library: Library | None = None
    support: Support | None = None
    interpreter: Interpreter | None = None
    router: Router | None = None
    place: Place | None = None
