"""`hearthd say`, `undo`, `listen`, `rehearse` and `explain`."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from hub.cli.attribution import explain_model
from hub.cli.common import (
    CommandFailed,
    ConfigOption,
    Exit,
    JsonOption,
    friendly,
    print_json,
)
from hub.cli.process import demo_config
from hub.config import Settings, load_settings

SiteOption = Annotated[str, typer.Option(help="Where you are: a site of the configuration.")]


def client_settings(config: Path | None) -> Settings:
    """The configuration; that of a running demo when none is named."""
    settings = load_settings(config)
    demo = None if config else demo_config(settings)
    return load_settings(demo) if demo else settings


@friendly
def say(
    text: Annotated[str, typer.Argument(help="What you want, in your own words.")],
    site: SiteOption = "cli",
    language: Annotated[str | None, typer.Option(help="Its language, e.g. en.")] = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Say something to the hub and print its answer."""
    command = {"text": text, "id": uuid4().hex, **({"language": language} if language else {})}
    reply = asyncio.run(ask_hub(client_settings(config), site, command))
    if json_output:
        print_json(reply)
    else:
        print(reply["text"])
    if reply["status"] in ("refused", "failed", "not_understood"):
        raise typer.Exit(int(Exit.FAILED))


@friendly
def undo(site: SiteOption = "cli", config: ConfigOption = None) -> None:
    """Undo the last thing that was said."""
    say("undo that", site, None, False, config)


@asynccontextmanager
async def _session(settings: Settings, ordered: bool = False) -> AsyncIterator[Any]:
    from hub.mqtt import Session
    from hub.topics import Topics

    broker = settings.broker.model_copy(update={"client_id": f"hearthd-cli-{uuid4().hex[:8]}"})
    topics = Topics(broker.topic_prefix)
    every = "" if ordered else "\x00"  # every message in order, or the last of each topic
    session = Session(broker, f"{topics.prefix}/cli/{broker.client_id}", every)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run(), name="mqtt session")
        try:
            await session.wait_connected(5)
            yield session
        finally:
            task.cancel()


async def ask_hub(
    settings: Settings, site: str, command: dict[str, Any], seconds: float = 30
) -> dict[str, Any]:
    """Send a command to the running hub; returns its reply. Raises `CommandFailed`."""
    from devices.payload import encode_json
    from hub.topics import Topics

    topics = Topics(settings.broker.topic_prefix)
    async with _session(settings, ordered=True) as session:
        session.subscribe([topics.reply(site)])
        await session.subscriptions_confirmed()
        session.publish(topics.command(site), encode_json(command))
        try:
            async with asyncio.timeout(seconds):
                async for message in session.commands():
                    session.acknowledge(message)
                    if message.topic != topics.reply(site):
                        continue  # amqtt sends retained messages that nobody asked for
                    reply = _reply_in(message.payload)
                    if reply.get("id") == command["id"]:
                        return reply
        except TimeoutError as error:
            raise CommandFailed("the hub does not answer; try `hearthd doctor`") from error
    raise CommandFailed("the hub does not answer; try `hearthd doctor`")


def _reply_in(payload: bytes) -> dict[str, Any]:
    """A reply's JSON; empty if somebody else wrote something else there."""
    from devices.payload import PayloadError, decode_json

    try:
        found = decode_json(payload)
    except PayloadError:
        return {}
    return found if isinstance(found, dict) else {}


@friendly
def listen(config: ConfigOption = None) -> None:
    """Print what happens until stopped."""
    settings = client_settings(config)

    async def follow() -> None:
        from hub.topics import Topics

        topics = Topics(settings.broker.topic_prefix)
        async with _session(settings) as session:
            session.subscribe([topics.event("#"), topics.reply("#"), topics.status])
            async for messages in session.states():
                for message in messages:
                    if not message.topic.startswith(f"{topics.prefix}/"):
                        continue  # amqtt sends retained messages that nobody asked for
                    print(
                        f"{message.topic} {message.payload.decode('utf-8', 'replace')}", flush=True
                    )

    asyncio.run(follow())


HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The home, a YAML, TOML or JSON file.")
]

AreaOption = Annotated[str | None, typer.Option(help="Where the speaker is.")]
SentencesOption = Annotated[
    Path | None, typer.Option(help="A folder of your own sentences.", show_default=False)
]


@friendly
def rehearse(
    text: Annotated[str | None, typer.Argument(help="A sentence; without it, --jsonl.")] = None,
    home: HomeOption = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One case a line on stdin.")] = False,
    area: AreaOption = None,
    sentences: SentencesOption = None,
    json_output: JsonOption = False,
) -> None:
    """Try sentences against a home in memory: no broker, no devices, the real road."""
    from devices.homefile import load_home
    from hub.rehearse import Stage
    from hub.taught import taught_in

    loaded = load_home(home) if home else None
    with _installed_reader() as model:
        stage = Stage(model, loaded, taught_in(sentences))
        if jsonl:
            gc.freeze()  # the tables live as long as the process does
            asyncio.run(_rehearse_lines(stage))
            return
        if text is None:
            raise CommandFailed(
                'say what to rehearse: hearthd rehearse --home HOME.yaml "lights on"'
            )
        case = {"id": "1", "text": text, "area": area}
        result = asyncio.run(stage.run_line(json.dumps(case)))
        if json_output:
            print_json(result)
            return
        print(f"{result['status']}: {result['reply']}")
        for action in result["actions"]:
            print(f"  {action['service']} {action['entity_id']} {json.dumps(action['data'])}")


@contextmanager
def _installed_reader() -> Iterator[Any]:
    """The model that a hub on this machine would read with: the installed version, else the shipped
    one. What did not come with hearthd reads in a process of its own."""
    from edge.artefact import load_artefact
    from edge.serving import close, understanding_opener
    from edge.store import find
    from hub.config import models_folder

    model = understanding_opener(())(load_artefact(find(models_folder(), "understand")))
    try:
        yield model
    finally:
        close(model)


async def _rehearse_lines(stage: Any) -> None:
    for line in sys.stdin:
        if line.strip():
            result = await stage.run_line(line)
            sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()


@friendly
def explain(
    text: Annotated[str, typer.Argument(help="The sentence.")],
    home: HomeOption = None,
    area: AreaOption = None,
    language: Annotated[str | None, typer.Option(help="Its language, e.g. en.")] = None,
    sentences: SentencesOption = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", "--out", help="Write a picture to this file.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="An artefact or a checkpoint: which words its answer hangs on, and what its "
            "attention looked at (needs the export extra).",
            show_default=False,
        ),
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Show how a sentence is read, what could be meant, and what decided."""
    if model is not None:
        explain_model(model, text, svg, json_output)
        return
    from devices.homefile import load_home
    from hub.cases import Case
    from hub.explain_tables import print_explanation, save_picture
    from hub.rehearse import Stage
    from hub.taught import taught_in

    loaded = load_home(home) if home else None
    with _installed_reader() as reader:
        stage = Stage(reader, loaded, taught_in(sentences))
        found = asyncio.run(stage.explain(Case(text=text[:10_000], area=area, language=language)))
    if json_output:
        print_json(found)
    elif svg is None:
        print_explanation(found)
    if svg is not None:
        try:
            save_picture(found, svg)
        except OSError as error:
            raise CommandFailed(f"{svg}: cannot be written: {error}") from error
