"""Says `home-assistant-intents`' templates to a home, and counts by language and intent what is
read otherwise: where a language is weak, found without any test set.

    python -m tests.hub.templates_said ru hu          # a line for each intent with failures
    python -m tests.hub.templates_said ru --show      # and every failure

The home has two things of every domain and is made of our word lists in that language. The same
sentences are drawn every time.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hassil.intents import Intents
from home_assistant_intents import get_intents

from edge.tasks.understand import load_understanding
from hub.bench.cases import Case, intents_right, slots_right
from hub.rehearse import Stage
from models.nlu.data.sampler import Grammar, ListValue, draw
from models.nlu.data.templates import NAME_LISTS
from models.nlu.data.wordlists import words

DRAWS = 2
"""Sentences of each template."""
_OWN_LISTS: Mapping[str, str] = {
    "message": "message", "search_query": "search_query", "shopping_list_item": "item",
    "todo_list_item": "item", "timer_name": "timer_name", "timer_command": "message",
    "zone": "zone",
}  # fmt: skip
_UNSAID = {"response"}
"""Slots that templates have and readings write in another form."""


@dataclass(frozen=True, slots=True)
class Household:
    """A home in one language, and what its templates may put into their slots."""

    home: Mapping[str, Any]
    lists: Mapping[str, list[ListValue]]
    names: Mapping[str, list[ListValue]]


def household(language: str) -> Household:
    """Six rooms on two floors, with two things of each domain."""
    own = words(language)
    rooms, floors = own["room"][:6], own["floor_name"][:2]
    entities, names = [], {}
    for domain, (listed, *_) in NAME_LISTS.items():
        if domain == "weather":
            continue
        said = _apart(own[listed])[:2]
        names[domain] = [ListValue(name) for name in said]
        entities += [
            {"name": name, "domain": domain, "area": rooms[place]}
            for place, name in enumerate(said)
        ]
    areas = [{"name": room, "floor": floors[n % 2]} for n, room in enumerate(rooms)]
    home = {"floors": [{"name": f} for f in floors], "areas": areas, "entities": entities}
    raw = get_intents(language) or {}
    lists = {
        name: _values(entry["values"]) if "values" in entry else _numbers(entry.get("range", {}))
        for name, entry in raw["lists"].items()
    }
    lists |= {"area": [ListValue(r) for r in rooms], "floor": [ListValue(f) for f in floors]}
    lists |= {name: [ListValue(v) for v in own[ours]] for name, ours in _OWN_LISTS.items()}
    return Household(home, lists, names)


def _apart(said: list[str]) -> list[str]:
    """Names of which none is another one in another case ("люстра", "люстру")."""
    found: list[str] = []
    for name in said:
        if all(name[:4].casefold() != other[:4].casefold() for other in found):
            found.append(name)
    return found


def _values(listed: list[Any]) -> list[ListValue]:
    """Each way to say a value with all values that it may stand for."""
    meant: dict[str, list[Any]] = {}
    for value in listed:
        said, out = (value, value) if isinstance(value, str) else (value["in"], value["out"])
        alternatives = out if isinstance(out, list) else [out]
        meant.setdefault(str(said), []).extend(alternatives)
    return [ListValue(said, outs) for said, outs in meant.items()]


def _numbers(limits: Mapping[str, Any]) -> list[ListValue]:
    low, high = int(limits.get("from", 0)), int(limits.get("to", 100))
    times = int(limits.get("multiplier", 1))
    return [ListValue(str(n), n * times) for n in range(max(low, 1) + 1, min(high, 60) + 1, 7)]


def sentences(language: str) -> Iterator[Case]:
    """The cases of a language, without those whose slots need a context or hold a command."""
    intents, there = Intents.from_dict(get_intents(language) or {}), household(language)
    rng = random.Random(language)
    for intent, data in intents.intents.items():
        for block in data.data:
            domains = (block.requires_context or {}).get("domain") or ()
            domains = [domains] if isinstance(domains, str) else list(domains)
            domain = (block.slots or {}).get("domain") or next(iter(domains), "light")
            named = there.names.get("todo" if intent.startswith("HassList") else domain)
            if not named or "area" in (block.requires_context or {}):
                continue
            grammar = Grammar(intents.expansion_rules, {**there.lists, "name": named}, {})
            for template in block.sentences:
                whole: Any = template.expression
                references = list(whole.list_references(intents.expansion_rules))
                if not all(grammar.lists.get(r.list_name) for r in references):
                    continue
                if any(
                    r.slot_name in ("conversation_command", "timer_command") for r in references
                ):
                    continue
                for _ in range(DRAWS):
                    drawn = draw(template, grammar, rng)
                    slots = dict(block.slots or {})
                    for said, slot in drawn.pieces:
                        if slot:
                            slots[slot] = drawn.meanings.get(slot, said)
                    slots = {k: v for k, v in slots.items() if k not in _UNSAID}
                    text = " ".join("".join(said for said, _ in drawn.pieces).split())
                    yield Case(
                        intent, text, language, there.home, None, (frozenset({intent}),), slots
                    )


async def check(language: str, stage: Stage, show: bool) -> None:
    """Print the intents with failures, the most first."""
    total: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for case in sentences(language):
        total[case.group] += 1
        line = {"text": case.text, "home": case.home, "language": language, "policy": "permissive"}
        result = await stage.run_line(json.dumps(line))
        frames = result["frames"]
        if intents_right(case, frames) and slots_right(case, frames):
            continue
        wrong[case.group] += 1
        if show:
            got = "; ".join(f"{f['intent']} {f['slots']}" for f in frames) or "nothing"
            print(f"{language}: {case.text!r} wanted {case.group} {case.slots}, got {got}")
    right = 1 - wrong.total() / max(1, total.total())
    print(f"{language}: {right:.1%} of {total.total()} right")
    for intent, count in wrong.most_common():
        print(f"  {intent:28} {count:4} of {total[intent]}")


async def main(arguments: list[str]) -> None:
    """Check the languages named."""
    stage = Stage(load_understanding())
    for language in arguments:
        if not language.startswith("--"):
            await check(language, stage, "--show" in arguments)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
