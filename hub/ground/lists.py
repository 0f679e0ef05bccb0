"""Questions about to-do and shopping lists, and which list is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.kinds import KIND_WORDS
from hub.ground.names import POSSIBLE, SURE, best_fit, tokens, word_fit
from hub.ground.places import names_of
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.said import names_said
from hub.ground.spans import spans_of
from hub.languages import Lexicon, Phrase, lexicon, phrase, plain

_OPEN = "needs_action"


def list_items(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What is on a list, whether something is, or whether it was done."""
    entity = find_list(clause, home, context.words)
    if entity is None:
        return Grounded((frame(clause, {}),), refused=phrase("I know no such list.", "no_list"))
    written = home.state(entity.id).attributes.get("items", ())
    items = [i for i in written if isinstance(i, dict)] if isinstance(written, list) else []
    left = [str(i.get("summary")) for i in items if i.get("status", _OPEN) == _OPEN]
    done = [str(i.get("summary")) for i in items if i.get("status", _OPEN) != _OPEN]
    asked = [s.text for s in spans_of(clause, "item")]
    first = plain(clause.text).split()[:1]
    whether = bool(first) and context.words.fits("asking_whether", first[0])
    if asked and (whether or clause.attributes["question"].label == "yesno" or not left):
        said = plain(clause.text)
        listed = context.words.has("on_list", said)
        already = context.words.has("already", said)
        past = already and not listed
        text = _whether(asked[0], left, [] if listed and not already else done, entity.name, past)
    elif _asks_what_is_done(plain(clause.text), context.words):
        text = _finished(done, entity.name)
    elif context.words.has("how_many", plain(clause.text)):
        text = _counted(left, entity.name)
    elif left:
        text = _of_list(f"{entity.name}: {_and(left)}.", "list_holds", entity.name, left)
    else:
        text = phrase(f"{entity.name} is empty.", "list_empty", list=entity.name)
    answers = (text_answer(clause, text),)
    return Grounded((frame(clause, {"name": entity.name}),), answers=answers, about=(entity.id,))


def _asks_what_is_done(said: str, words: Lexicon) -> bool:
    """Whether it is asked what is done, not what is "left to be done"."""
    return words.has("finished", said) and not words.has("still_to_do", said)


def of_a_list(clause: ClauseReading, home: Home) -> ClauseReading:
    """A question that says the whole name of a list of several words asks what is on it, also where
    a room is in the name ("what's left on the workshop orders")."""
    if clause.intent != "HassGetState":
        return clause
    names = [name for name in names_said(replace(clause, spans=()), home) if len(name) > 1]
    things = home.entities.values()
    called = [e for e in things if any(tokens(n) in names for n in (e.name, *e.aliases))]
    if len(called) != 1 or called[0].domain != "todo":
        return clause
    listed = Span(clause.start, clause.start, "list", called[0].name, 1.0)
    first = Scored("HassGetListItems", clause.intents[0].confidence)
    return replace(clause, intents=(first, *clause.intents[1:]), spans=(listed,))


def item_said(clause: ClauseReading, home: Home) -> str | None:
    """What stands on a list and in the sentence, word for word, if it is more than one word ("did
    Zoe feed the cat")."""
    said = f" {' '.join(tokens(clause.text))} "
    for entity in home.entities.values():
        items = home.state(entity.id).attributes.get("items") if entity.domain == "todo" else None
        for item in items if isinstance(items, list) else ():
            words = tokens(str(item.get("summary"))) if isinstance(item, dict) else ()
            if len(words) > 1 and (f" {' '.join(words)} " in said or _in_the_past(words, said)):
                return str(item["summary"])
    return None


def _in_the_past(words: tuple[str, ...], said: str) -> bool:
    """ "Have we bled the radiators", of "bleed the radiators": the verb has another form."""
    rest = f" {' '.join(words[1:])} "
    before = said.partition(rest)[0].split() if rest in said else []
    return bool(before) and word_fit(before[-1], words[0]) >= _SAME_VERB


_SAME_VERB = 0.85


def _of_list(english: str, key: str, name: str, items: Sequence[str]) -> Phrase:
    return phrase(english, key, list=name, items=tuple(items))


def _finished(done: Sequence[str], name: str) -> Phrase:
    if not done:
        return phrase(f"Nothing on {name} is done.", "none_done", list=name)
    return _of_list(f"Done on {name}: {_and(done)}.", "done_on_list", name, done)


def _counted(left: Sequence[str], name: str) -> Phrase:
    if not left:
        return phrase(f"None on {name}.", "none_on_list", list=name)
    english, count = f"{len(left)} on {name}: {_and(left)}.", len(left)
    return phrase(english, "count_on_list", list=name, items=tuple(left), count=count)


def _whether(
    asked: str, left: Sequence[str], done: Sequence[str], name: str, past: bool = False
) -> str:
    """`past`: asked is whether it was done, and not whether it is on the list."""
    for items, what, key in (
        (left, "is on", "is_on_list"),
        (done, "is done on", "is_done_on_list"),
    ):
        best = max(items, key=lambda item: best_fit(asked, [item]), default=None)
        if best is not None and best_fit(asked, [best]) >= 0.8:
            if past and items is left:
                return f"No, {best} is still on {name}."
            return phrase(f"Yes, {best} {what} {name}.", key, item=best, list=name)
    return phrase(f"No, {asked} is not on {name}.", "not_on_list", item=asked, list=name)


def _and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def find_list(clause: ClauseReading, home: Home, words: Lexicon) -> Entity | None:
    """The to-do entity that a clause is about: by name, by any word of its name, by what it is
    for, by what is on it, or the only one."""
    lists = [e for e in home.entities.values() if e.domain == "todo"]
    said = [s.text for s in (*spans_of(clause, "list"), *spans_of(clause, "name"))]
    shopping = clause.intent.startswith("HassShoppingList") or words.has(
        "shopping", plain(clause.text)
    )
    scored = [
        (max((best_fit(s, (*names_of(e, home), f"{e.name} list")) for s in said), default=0.0), e)
        for e in lists
    ]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if best is not None and score >= 0.7:
        return best
    if (mentioned := _mentioned(clause, home)) is not None:
        return mentioned
    general = any(words.has("tasks", plain(text)) for text in said)
    if said and not shopping and not general:
        return None
    if shopping:
        every = (words, lexicon("en"))
        fitting = [
            e
            for e in lists
            if any(w.has("shopping", plain(name)) for name in names_of(e, home) for w in every)
        ]
        return fitting[0] if fitting else None
    return _holding(clause, home, lists) or next(
        (e for e in lists if "to" in e.id and "do" in e.id.split(".")[1]),
        next((e for e in lists if not _for_shopping(e, home, words)), lists[0] if lists else None),
    )


def called_whole(clause: ClauseReading, home: Home) -> Entity | None:
    """The list whose own name stands in the sentence word for word, apart from what goes on it."""
    items = {w for s in spans_of(clause, "item") for w in tokens(s.text)}
    said = f" {plain(clause.text)} "
    lists = [e for e in home.entities.values() if e.domain == "todo"]
    named = [
        entity
        for entity in lists
        if f" {plain(entity.name)} " in said and not set(tokens(entity.name)) & items
    ]
    return named[0] if len(named) == 1 else None


def _mentioned(clause: ClauseReading, home: Home) -> Entity | None:
    """The list one of whose telling words stands in the sentence ("what chores are left")."""
    items = {w for s in spans_of(clause, "item") for w in tokens(s.text)}
    said = tuple(w for w in tokens(clause.text) if w not in items | KIND_WORDS["todo"])
    found = {}
    for word in said:
        for match in match_all((word,), home) if len(word) > 3 else ():
            if match.entity.domain == "todo" and match.specific and match.score >= POSSIBLE:
                found[match.entity.id] = match.entity
    return next(iter(found.values())) if len(found) == 1 else None


def _holding(clause: ClauseReading, home: Home, lists: Sequence[Entity]) -> Entity | None:
    """The list that has what is to be checked off or removed, or asked about."""
    asked = [s.text for s in spans_of(clause, "item")]
    for entity in lists if asked and not clause.intent.endswith("AddItem") else ():
        items = home.state(entity.id).attributes.get("items", ())
        have = [str(item.get("summary")) for item in items if isinstance(item, dict)]
        if any(best_fit(asked[0], [item]) >= SURE for item in have):
            return entity
    return None


def _for_shopping(entity: Entity, home: Home, words: Lexicon) -> bool:
    every = (words, lexicon("en"))
    return any(w.has("shopping", plain(name)) for name in names_of(entity, home) for w in every)
