"""What to play, and of which kind it is."""

from __future__ import annotations

from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.names import ARTICLES, kinds_in
from hub.ground.spans import spans_of
from hub.languages import Lexicon, plain


def play(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    """HassMediaSearchAndPlay: what was said to play, or just to go on."""
    query = " ".join(span.text for span in spans_of(clause, "query"))
    kind, query = _media_kind(clause, query, words)
    if words.language != "en":
        query, kind = _media_in(query, kind, words)
    slots: dict[str, Any] = {"search_query": query} if query else {}
    if kind:
        slots["media_class"] = kind
    data = {"media_content_id": query, "media_content_type": slots.get("media_class", "music")}
    if not query:
        return slots, lambda entity: ("media_play", {})
    return slots, lambda entity: ("play_media", data)


def _media_kind(clause: ClauseReading, query: str, words: Lexicon) -> tuple[str | None, str]:
    """The kind of media that was said apart, and what to play: a word that is no kind is a title
    ("the podcast Serial"). The most telling word counts: a "TV show" is a show."""
    said = [_bare(span.text.lower()) for span in spans_of(clause, "media_class")]
    found = [words.which("media_class", plain(each)) for each in (" ".join(said), *reversed(said))]
    kind = next((str(each) for each in found if each is not None), None)
    if kind is None:
        apart = next((each for each in said if not kinds_in(each)), None)
        return apart, query  # "on the TV" says where
    if not query:
        spans = spans_of(clause, "media_class")
        titles = [s.text for s in spans if words.which("media_class", plain(s.text)) is None]
        query = " ".join(titles)
    return kind, query


def _media_in(query: str, kind: str | None, words: Lexicon) -> tuple[str, str | None]:
    """ "die Sommerhits-Playlist": what to play, and its kind, if that is said in one."""
    said = query.split() if kind else _compound_apart(query.replace("-", " ").split())
    if kind is None and len(said) > 2 and _is_small(said[0]):  # "meine Playlist Sommerhits"
        said = said[1:] if words.which("media_class", plain(said[1])) is not None else said
    for at in (0, -1):
        found = words.which("media_class", plain(said[at])) if len(said) > 1 else None
        if kind is None and found is not None:
            kind = str(found)
            del said[at]
            while at and len(said) > 1 and _is_small(said[-1]):
                del said[-1]
    for at in (0, -1):
        while kind and len(said) > 1 and _is_small(said[at]):
            del said[at]
    return (" ".join(said) if kind else query), kind


def _bare(said: str) -> str:
    """Without an article before it, which the model may take for a part of it."""
    first, _, rest = said.partition(" ")
    return rest if rest and plain(first) in ARTICLES else said


def _is_small(word: str) -> bool:
    """An article before a title; one with a capital is the title's own ("Mijn Favorieten")."""
    return plain(word) in ARTICLES and not word[:1].isupper()


def _compound_apart(said: list[str]) -> list[str]:
    """ "Sommerhitsplaylist" as two words: what is listened to by a name of its own."""
    last = said[-1] if said else ""
    for kind in ("playlist", "podcast"):
        if last.lower().endswith(kind) and len(last) > len(kind) + 2:
            return [*said[:-1], last[: -len(kind)], kind]
    return said
