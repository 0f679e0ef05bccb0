"""Items of to-do lists: added, checked off, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from devices.domains import InvalidServiceCall
from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Scored
from hub.ground.context import Context
from hub.ground.lists import called_whole, find_list
from hub.ground.names import SURE, best_fit, tokens, word_fit
from hub.ground.results import Grounded, action, frame, text_answer
from hub.ground.spans import spans_of, with_spans
from hub.languages import Lexicon, phrase, plain
from hub.values import Action


def change_list(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Add, complete or remove items of a to-do list."""
    clause = _with_its_list(clause, home)
    entity = find_list(clause, home, context.words)
    items = [s.text for s in spans_of(clause, "item") if not _is_bare(s.text, context.words)]
    shopping = clause.intent.startswith("HassShoppingList")
    called = called_whole(clause, home) if context.words.language != "en" else None
    if shopping and called is not None:
        entity, shopping = called, False
        clause = replace(clause, intents=(Scored(_OF_A_LIST[clause.intent], 1.0),))
    slots: dict[str, Any] = {"item": ", ".join(items)} if items else {}
    if entity is not None and not shopping:
        slots["name"] = entity.name
    frames = (frame(clause, slots),)
    if entity is None:
        said = " ".join(s.text for s in spans_of(clause, "list")) or "such"
        return Grounded(frames, refused=phrase(f"I know no {said} list.", "no_list"))
    if not items:
        return Grounded(frames, asked=phrase("Which item?", "which_item"))
    actions: list[Action] = []
    for item in items:
        try:
            actions.append(_list_action(clause, home, entity.id, item))
        except InvalidServiceCall as error:
            return Grounded(frames, refused=phrase(f"{error}.", "cannot", name=entity.name))
    verb, key = next(text for word, text in _LISTED.items() if word in clause.intent)
    said = phrase(f"{verb} {', '.join(items)}.", key, items=tuple(items))
    answer = text_answer(clause, said)
    return Grounded(frames, tuple(actions), answers=(answer,))


def _with_its_list(clause: ClauseReading, home: Home) -> ClauseReading:
    """Where the last of several items is the very name of a list, it says where the others go
    ("daj kosenie do zoznamu Okolo domu")."""
    items = spans_of(clause, "item")
    names = {plain(e.name) for e in home.entities.values() if e.domain == "todo"}
    if len(items) < 2 or plain(items[-1].text) not in names or spans_of(clause, "list"):
        return clause
    where = replace(items[-1], slot="list")
    return with_spans(clause, (where if span is items[-1] else span for span in clause.spans))


def _is_bare(said: str, words: Lexicon) -> bool:
    """Whether the words are no item: an article or a pronoun alone ("we need another one")."""
    return any(words.fits(group, plain(said)) for group in ("articles", "pronoun"))


_OF_A_LIST = {
    "HassShoppingListAddItem": "HassListAddItem",
    "HassShoppingListCompleteItem": "HassListCompleteItem",
}

_LISTED = {
    "Add": ("Added", "added"),
    "Complete": ("Checked off", "checked_off"),
    "Remove": ("Removed", "removed"),
}


def _list_action(clause: ClauseReading, home: Home, entity_id: str, item: str) -> Action:
    entity = home.entities[entity_id]
    if "Add" in clause.intent:
        return action(home, entity, "add_item", {"item": item})
    have = [str(i.get("summary")) for i in home.state(entity_id).attributes.get("items", ())]
    wanted = _written_item(clause, item, have) or item
    if "Complete" in clause.intent:
        return action(home, entity, "update_item", {"item": wanted, "status": "completed"})
    return action(home, entity, "remove_item", {"item": wanted})


def _written_item(clause: ClauseReading, item: str, have: list[str]) -> str | None:
    """The item of the list that is meant: by the model's span, or by all its words being said."""
    best = max(have, key=lambda written: best_fit(item, [written]), default=None)
    if best is not None and best_fit(item, [best]) >= SURE:
        return best
    said = tokens(clause.text)
    whole = [h for h in have if all(any(word_fit(s, w) >= SURE for s in said) for w in tokens(h))]
    if whole:
        return max(whole, key=len)
    telling = [h for h in have if any(w in tokens(item) for w in tokens(h) if len(w) > 3)]
    return telling[0] if len(telling) == 1 else None
