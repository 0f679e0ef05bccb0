"""The wire: what is said on MQTT, as pydantic models; `docs/asyncapi.yaml` is made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.values import Status

Identifier = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:@/+=-]+$")]
EntityId = Annotated[str, Field(max_length=255, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
ServiceName = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]


class Command(BaseModel):
    """What a person wants, published to `hearthd/command/{site}`.

    Exactly one of: `text` (a sentence), `service` with `entity_id` (a Home Assistant service call,
    for programs), `skill` with `verb` (what the hub can do beside devices), or the answer to a
    confirmation: `challenge`, `pin` or both.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: str | None = Field(None, max_length=2000, description="The sentence, in any language.")
    language: str | None = Field(
        None, max_length=35, description="BCP 47; found by the model if not given."
    )
    id: Identifier | None = Field(
        None, description="Retries with the same id are answered, not repeated."
    )
    user: str | None = Field(None, max_length=128)
    pin: str | None = Field(
        None, max_length=32, repr=False, description="Never stored, never logged."
    )
    session: Identifier | None = Field(
        None, description="A conversation of its own; the site if not given."
    )
    area: str | None = Field(
        None, max_length=128, description="Where the speaker is; the site's area if not given."
    )
    ts: int | None = Field(
        None, ge=0, description="When it was said, Unix milliseconds; too old is refused."
    )
    service: ServiceName | None = Field(None, description="E.g. `light.turn_on`.")
    entity_id: EntityId | None = None
    data: dict[str, Any] | None = Field(None, description="The service's or the skill's data.")
    skill: Literal["suggestions", "writing"] | None = Field(None, description="A skill by name.")
    verb: (
        Literal["accept", "decline", "silence", "mine", "write", "read", "delete", "stop"] | None
    ) = Field(None, description="What the skill is to do.")
    challenge: Identifier | None = Field(None, description="The challenge of a `confirm` reply.")

    @model_validator(mode="after")
    def _one_form(self) -> Command:
        if (self.skill is None) != (self.verb is None):
            raise ValueError("skill and verb need each other")
        if self.skill is not None and (self.service is not None or self.text is not None):
            raise ValueError("skill stands alone, with no text or service beside it")
        if self.service is None and (
            self.entity_id is not None or (self.data is not None and self.skill is None)
        ):
            raise ValueError("entity_id and data need service")
        if self.service is not None and (self.entity_id is None or self.text is not None):
            raise ValueError("service needs entity_id, and no text beside it")
        says_nothing = self.pin is None and not (self.text or "").strip()
        named = self.service or self.skill or self.challenge
        if named is None and says_nothing:
            raise ValueError("say something: text is empty, and there is no service")
        return self


class ActionReport(BaseModel):
    """One service call and how it ended."""

    entity_id: str
    service: str
    data: dict[str, Any]
    status: Status
    reason: str | None = None


class Written(BaseModel):
    """How a text came about."""

    note: int | None = Field(None, description="The note that it was kept as.")
    writer: str = Field(description="`template`, or the language model.")
    facts: list[str] = Field(description="Everything that the text was allowed to say.")
    dropped: list[dict[str, str]] = Field(
        [], description="A model's sentences that no fact bears out, each with the reason."
    )


class Reply(BaseModel):
    """The answer, published to `hearthd/reply/{site}` or the command's response topic."""

    id: str
    status: Status
    text: str
    language: str
    actions: list[ActionReport] = []
    trace: str
    challenge: str | None = Field(None, description="With `confirm`: send it back with the answer.")
    choices: list[str] = Field([], description="With `clarify`: what can be answered.")
    written: Written | None = Field(None, description="With a text that was written.")


class Event(BaseModel):
    """What happened, published to `hearthd/event/{kind}`."""

    kind: str
    trace: str | None = None
    time: str = Field(description="RFC 3339.")
    content: dict[str, Any] = {}
