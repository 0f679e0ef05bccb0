"""`hearthd ask` and `hearthd kb`: answers from documents."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, Exit, JsonOption, friendly, print_json

if TYPE_CHECKING:
    from hub.cli.knowledge_news import News
    from hub.knowledge import Answered, Found, Knowledge
    from hub.knowledge.index import Indexed
    from hub.knowledge.values import About, Quote

_NICE = 15
"""A document can wait; a command to the hub beside it cannot."""

app = typer.Typer(no_args_is_help=True, help="Documents that questions are answered from.")

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Folder of the knowledge base; the hub's own by default.",
        show_default=False,
    ),
]  # fmt: skip


def _knowledge(data_dir: Path | None, config: Path | None) -> Knowledge:
    from hub.cli.conversation import client_settings
    from hub.knowledge import Knowledge

    return Knowledge(data_dir or client_settings(config).storage.directory)


@friendly
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    json_output: JsonOption = False,
    data_dir: DataOption = None,
    language: Annotated[str | None, typer.Option(help="Its language, e.g. en.")] = None,
    config: ConfigOption = None,
) -> None:
    """Answer a question from the documents, in their own words and with their source."""
    if not question.strip():
        raise CommandFailed('say what you want to know: hearthd ask "what does E18 mean"')
    answered = _knowledge(data_dir, config).ask(question, language)
    if json_output:
        print_json(answer_json(answered))
        return
    print(answered.text)
    for source in answered.sources:
        print(f"  ({_place(source)})")
    if answered.nearest is not None:
        print(f"Nearest ({_place(answered.nearest)}):")
        print(indent(answered.nearest.text, "  | "))


def _place(source: Quote) -> str:
    place = f", {source.place}" if source.place else ""
    return f"{Path(source.file).name}: {source.heading}{place}"


def answer_json(answered: Answered) -> dict[str, Any]:
    """An answer as it is printed."""
    return {
        "status": "answered" if answered.known else "not_known",
        "answer": answered.text,
        "sources": [asdict(source) for source in answered.sources],
        "nearest": asdict(answered.nearest) if answered.nearest else None,
        "confidence": answered.confidence,
    }


@app.command("add")
@friendly
def add(
    source: Annotated[Path, typer.Argument(help="A file, or a folder with all that is in it.")],
    device: Annotated[
        str | None, typer.Option(help="The device that it is about: its name or id.")
    ] = None,
    manufacturer: Annotated[str | None, typer.Option(help="The device's manufacturer.")] = None,
    model: Annotated[str | None, typer.Option(help="The device's model.")] = None,
    json_output: JsonOption = False,
    data_dir: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take in Markdown, text, HTML and PDF files; what has not changed is left alone."""
    from hub.cli.conversation import client_settings
    from hub.cli.knowledge_news import news
    from hub.knowledge.values import About

    os.nice(_NICE)
    now = datetime.now().astimezone()
    about = About(device, manufacturer, model)
    with news(None if data_dir else client_settings(config)) as told:
        found = _added(_knowledge(data_dir, config), source, now, about, told)
    _print_indexed(found, json_output)
    if found.refused and not (found.added or found.unchanged):
        raise typer.Exit(int(Exit.FAILED))


def _added(knowledge: Knowledge, source: Path, now: datetime, about: About, told: News) -> Indexed:
    from hub.knowledge import KnowledgeError

    try:
        found = knowledge.add(source, now, about, told.report)
    except KnowledgeError as error:
        told.failed(str(error))
        raise
    told.ended(found)
    return found


def _print_indexed(found: Indexed, json_output: bool) -> None:
    if json_output:
        print_json(
            {
                "added": found.added, "unchanged": found.unchanged, "removed": found.removed,
                "refused": [str(error) for error in found.refused], "passages": found.chunks,
            }
        )  # fmt: skip
        return
    for path in found.added:
        print(f"added {path}")
    for path in found.removed:
        print(f"removed {path}, which is gone")
    for error in found.refused:
        print(f"left out {error}", file=sys.stderr)
    print(
        f"{len(found.added)} added with {found.chunks} passages, {len(found.unchanged)} unchanged"
    )


@app.command("list")
@friendly
def list_documents(
    json_output: JsonOption = False, data_dir: DataOption = None, config: ConfigOption = None
) -> None:
    """All documents."""
    rows = [
        {
            "file": document.path, "title": document.title, "language": document.language,
            "passages": document.chunks, "device": document.about.device,
            "manufacturer": document.about.manufacturer, "model": document.about.model,
            "added": document.added,
        }
        for document in _knowledge(data_dir, config).documents()
    ]  # fmt: skip
    if json_output:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['file']}  {row['title']}  {row['language']}, {row['passages']} passages")
    if not rows:
        print("no documents yet; `hearthd kb add FILE_OR_FOLDER` takes some in")


@app.command("remove")
@friendly
def remove(
    file: Annotated[str, typer.Argument(help="The file, as `list` shows it, or its name.")],
    data_dir: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Forget a document. The file itself stays where it is."""
    knowledge = _knowledge(data_dir, config)
    paths = [document.path for document in knowledge.documents()]
    wanted = [file, str(Path(file).expanduser().resolve())]
    fits = [p for p in paths if p in wanted] or [p for p in paths if Path(p).name == file]
    if len(fits) != 1:
        what = "several are called so; name the whole path" if fits else "is not in it"
        raise CommandFailed(f"{file}: {what}; `hearthd kb list` shows what is")
    knowledge.remove(fits[0])
    print(f"{fits[0]} is forgotten")


@app.command("search")
@friendly
def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(help="How many passages.", min=1, max=50)] = 5,
    json_output: JsonOption = False,
    data_dir: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """The passages that fit best, with how they were found."""
    rows = [_row(found) for found in _knowledge(data_dir, config).search(text, limit)]
    if json_output:
        print_json(rows)
        return
    for row in rows:
        print(f"{Path(row['file']).name}: {row['heading']} ({row['place']})")
        print(f"  by words {row['word_rank'] or '–'}, by meaning {row['meaning_rank'] or '–'}")
        print("  " + str(row["text"])[:300].replace("\n", "\n  "))


def _row(found: Found) -> dict[str, Any]:
    chunk = found.passage.chunk
    return {
        "file": found.passage.file, "heading": " > ".join(chunk.heading), "place": chunk.place,
        "text": chunk.text, "score": round(found.score, 4), "word_rank": found.word_rank,
        "meaning_rank": found.meaning_rank, "cosine": round(found.cosine, 4),
    }  # fmt: skip
