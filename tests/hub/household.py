"""What people say to their homes, as data: reads `cases/*.yaml`, rehearses and judges them.

A case is a sentence (or the `turns` of a conversation) with what should come of it:

- `then`: every entity that changes, with its state or its state and attributes. A value may be a
  bound ("<120"), a range ("40..60"), a list of alternatives or `any`; `alt_then` lists other
  outcomes that are as good. `acts` names entities that are acted on without a change.
- `asks` / `refuses` / `answers`: expressions that the reply must match, and nothing changes.
- `confirm`, `schedules`, `ignores`: it waits for a yes; it waits for its time; it is not for us.
- `later`: all that is to wait, each with `at` (its time) or `awaits` (what comes about), and what
  changes `then`, which is tried by saying it when its time has come. `alt_later` is as good.

Half of the cases are for development (all of a file that says `read: true`). The other half is `held_out`: its failures are counted and
never shown, so that nobody writes rules for them. Homes that say `blind: true` were written by who had seen no other and tried
none; they are counted apart.

    python -m tests.hub.household            # scores
    python -m tests.hub.household --show     # and the failures of the development half
    python -m tests.hub.household --files wg # by file, of those whose name has "wg" in it
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from edge.tasks.understand import load_understanding
from hub.rehearse import Stage
from hub.stores import Scheduled

CASES = Path(__file__).parent / "cases"
NOW = "2026-11-24T08:00:00+00:00"
"""A Tuesday."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Household:
    """One case: the home, and its turns in order."""

    home: str
    kind: str
    turns: tuple[Json, ...]
    name: str = field(default="")
    file: str = ""
    read: bool = False

    @property
    def held_out(self) -> bool:
        """Whether this is one of the half that nobody tunes on."""
        return not self.read and crc32(self.turns[0]["say"].encode() + self.home.encode()) % 2 == 1


def households() -> Iterator[Household]:
    """All cases of all files."""
    for path in sorted(CASES.glob("*.yaml")):
        written = yaml.safe_load(path.read_text("utf-8"))
        for case in written["cases"]:
            turns = tuple(case.get("turns", (case,)))
            kind = "questions" if all("answers" in turn for turn in turns) else "commands"
            kind = "commands with a time" if any("later" in turn for turn in turns) else kind
            kind = "several wishes" if path.name.startswith("wishes_") else kind
            kind = f"{kind.removesuffix(' with a time')}, blind" if "blind" in written else kind
            home = case.get("home", written["home"])
            name = f"{home}: {turns[0]['say']}"
            yield Household(home, kind, turns, name, path.stem, written.get("read", False))


async def judge(stage: Stage, household: Household, session: str) -> str | None:
    """None if every turn came out as it should, else what was wrong with the first that did not."""
    home = str(CASES / "homes" / f"{household.home}.yaml")
    for turn in household.turns:
        line = {
            "text": turn["say"],
            "home": home,
            "session": session,
            "now": turn.get("now", NOW),
            "area": turn.get("at"),
            "setup": {key: _given(value) for key, value in turn.get("setup", {}).items()},
            "policy": "permissive" if turn.get("permissive") else None,
        }
        result = await stage.run_line(json.dumps(line))
        wrong = _wrong(turn, result) or await _wrong_later(stage, turn, line)
        if wrong:
            return f"{turn['say']!r}: {wrong}; {_shown(result)}"
    return None


async def _wrong_later(stage: Stage, turn: Json, line: Json) -> str | None:
    """What is wrong with all that the turn has left waiting, if the case says what is to wait.
    What waits for the same may be one wish or several."""
    if "later" not in turn:
        return None
    comes: dict[str, Json] = {}
    for waiting in stage.waiting(line["session"]):
        due = f"{waiting.view.due:%H:%M}" if waiting.view.due else "awaits"
        comes[due] = {**comes.get(due, {}), **await _changes(stage, waiting, line)}
    for expected in (turn["later"], *turn.get("alt_later", ())):
        wanted = {part.get("at", "awaits"): part["then"] for part in expected}
        if set(wanted) == set(comes) and all(
            _as_expected(then, comes[due], set()) for due, then in wanted.items()
        ):
            return None
    return f"expected later {turn['later']}, found {comes}"


async def _changes(stage: Stage, waiting: Scheduled, line: Json) -> Json:
    """What changes when the time of something has come."""
    if not waiting.rerun:
        made = [(call["entity_id"], call["service"].rpartition(".")[2]) for call in waiting.calls]
        return {entity_id: {"state": _BECOMES.get(service)} for entity_id, service in made}
    now = waiting.view.due.isoformat() if waiting.view.due else line["now"]
    said = {**line, "text": waiting.view.text, "now": now, "setup": {}}
    changes: Json = (await stage.run_line(json.dumps(said)))["changes"]
    return changes


_BECOMES = {"turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed"}


def _given(value: Json) -> Json:
    return {**value, **({"state": _word(value["state"])} if "state" in value else {})}


def _shown(result: Json) -> str:
    frames = [(f["intent"], f["slots"]) for f in result["frames"]]
    return f"{result['status']} {result['reply']!r} {result['changes']} {frames}"


def _wrong(turn: Json, result: Json) -> str | None:
    status, reply = result["status"], result["reply"]
    allowed = turn.get("status") or _statuses(turn)
    if status not in allowed:
        return f"expected {' or '.join(allowed)}"
    for key in ("asks", "refuses", "answers", "says"):
        for pattern in turn.get(key, ()):
            if not re.search(pattern, reply, re.IGNORECASE):
                return f"the reply should say {pattern!r}"
    for pattern in turn.get("unsaid", ()):
        if re.search(pattern, reply, re.IGNORECASE):
            return f"the reply should not say {pattern!r}"
    acted = {action["entity_id"] for action in result["actions"]}
    if not set(turn.get("acts", ())) <= acted:
        return f"should have acted on {turn['acts']}"
    outcomes = [turn.get("then", {}), *turn.get("alt_then", ())]
    if not any(_as_expected(outcome, result["changes"], acted) for outcome in outcomes):
        return f"expected {outcomes[0]}"
    return None


def _statuses(turn: Json) -> Sequence[str]:
    if "asks" in turn:
        return ("clarify",)
    if "refuses" in turn:
        return ("refused",)
    if "answers" in turn:
        return ("answered",)
    if "confirm" in turn:
        return ("confirm",)
    return ("not_understood",) if "ignores" in turn else ("done",)


def _as_expected(outcome: Json, changes: Json, acted: set[str]) -> bool:
    for entity_id, wanted in outcome.items():
        if wanted == "any":
            if entity_id not in changes and entity_id not in acted:
                return False
        elif entity_id not in changes or not _changed_to(wanted, changes[entity_id]):
            return False
    return set(changes) <= set(outcome)


def _changed_to(wanted: Any, change: Json) -> bool:
    if not isinstance(wanted, Mapping):
        return _fits(wanted, change.get("state"))
    attributes = change.get("attributes", {})
    return all(
        _fits(value, change.get("state")) if key == "state" else _fits(value, attributes.get(key))
        for key, value in wanted.items()
    )


def _word(value: Any) -> Any:
    return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


def _fits(wanted: Any, found: Any) -> bool:
    if wanted == "any":
        return found is not None
    if isinstance(wanted, bool) and isinstance(found, bool):
        return wanted is found
    wanted = _word(wanted)
    if isinstance(wanted, list):
        vector = isinstance(found, list | tuple)
        return list(found) == wanted if vector else any(_fits(one, found) for one in wanted)
    if isinstance(wanted, str) and isinstance(found, int | float):
        if wanted[0] in "<>":
            limit = float(wanted[1:])
            return found < limit if wanted[0] == "<" else found > limit
        low, _, high = wanted.partition("..")
        return float(low) <= found <= float(high)
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return abs(wanted - found) <= 0.011 or (abs(wanted) > 5 and abs(wanted - found) <= 1)
    return str(wanted) == str(found)


async def score(show: bool, by_file: bool, named: str) -> None:
    """Print how many of each half and kind (and file) come out right, of files `named` so."""
    stage = Stage(load_understanding())
    right: Counter[tuple[str, bool]] = Counter()
    total: Counter[tuple[str, bool]] = Counter()
    for number, household in enumerate(households()):
        if not re.search(named, household.file):
            continue
        wrong = await judge(stage, household, str(number))
        kind = f"{household.file}, {household.kind}" if by_file else household.kind
        total[kind, household.held_out] += 1
        right[kind, household.held_out] += wrong is None
        if wrong and show and not household.held_out:
            print(f"{household.home}: {wrong}\n")
    for kind, held_out in sorted(total):
        got, of = right[kind, held_out], total[kind, held_out]
        print(f"{kind}, {'held out' if held_out else 'development'}: {got}/{of} {got / of:.1%}")


if __name__ == "__main__":
    options = {argument for argument in sys.argv[1:] if argument.startswith("--")}
    names = "|".join(set(sys.argv[1:]) - options)
    asyncio.run(score("--show" in options, "--files" in options, names))
