"""Accuracy and latency of understanding, beside other people's recognisers in the same process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.home import Home
from devices.homefile import load_home
from hub.bench.cases import Case, Frame, intents_right, slots_right
from hub.bench.development import load_cases
from hub.bench.road import percentile
from hub.ground.places import find_area
from hub.rehearse import Stage

DEMO = Path(__file__).parents[2] / "configs" / "homes" / "demo.yaml"
LANGUAGES = tuple(
    "ar bg ca cs da de en es fi fr hu it nl pl pt pt-BR ro ru sk sl sv tr uk zh-CN".split()
)
ALL_HOME, ALL_OTHER = "all of these for a home", "all of these not for us"
OURS, HASSIL, GAZETTEER, CHAIN = "hearthd", "hassil", "gazetteer-matcher", "chain"


@dataclass(slots=True)
class Score:
    """Counts of one recogniser on one group of cases."""

    rows: int = 0
    intent: int = 0
    with_slots: int = 0
    slots: int = 0
    accepted: int = 0
    wrong: int = 0

    def add(self, case: Case, frames: Sequence[Frame]) -> bool:
        """Count one case; whether it was right."""
        self.rows += 1
        self.accepted += bool(frames)
        if not case.for_us:
            return not frames
        intent = intents_right(case, frames)
        right = intent
        self.intent += intent
        if case.slots is not None:
            self.with_slots += 1
            right = intent and slots_right(case, frames)
            self.slots += right
        self.wrong += bool(frames) and not right
        return right


@dataclass(frozen=True, slots=True)
class Miss:
    """A case that hearthd got wrong."""

    case: Case
    frames: Sequence[Frame]
    status: str


@dataclass(slots=True)
class Scores:
    """By group of cases and recogniser."""

    by_group: dict[str, dict[str, Score]] = field(default_factory=dict)
    for_us: dict[str, bool] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)

    def add(self, case: Case, recogniser: str, frames: Sequence[Frame]) -> bool:
        """Count one recogniser's reading of one case; whether it was right."""
        right = False
        for group in (case.group, ALL_HOME if case.for_us else ALL_OTHER):
            self.for_us[group] = case.for_us
            scores = self.by_group.setdefault(group, {})
            right = scores.setdefault(recogniser, Score()).add(case, frames)
        return right


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure. `detect`: the language of a row is not passed on to hearthd."""

    data: Path
    languages: Sequence[str] = LANGUAGES
    limit: int | None = None
    peers: bool = True
    detect: bool = False
    groups: str = ""


async def score(model: Any, wanted: Wanted) -> Scores:
    """Every recogniser on every case, in the same process, one case after the other."""
    found = Scores()
    cases = [
        case
        for case in load_cases(wanted.data, DEMO, wanted.languages, wanted.limit)
        if wanted.groups.lower() in case.group.lower()
    ]
    stage = Stage(model)
    for case in cases:
        result = await stage.run_line(json.dumps(_line(case, wanted.detect)))
        if not found.add(case, OURS, result["frames"]):
            found.misses.append(Miss(case, result["frames"], result["status"]))
    if wanted.peers:
        for case, readings in _peers(cases):
            for name, frames in readings.items():
                found.add(case, name, frames)
    return found


def _line(case: Case, detect: bool) -> dict[str, Any]:
    line = {"text": case.text, "home": case.home, "area": case.area, "policy": "permissive"}
    return line if detect else line | {"language": case.language}


def _peers(cases: Sequence[Case]) -> Iterator[tuple[Case, dict[str, Sequence[Frame]]]]:
    """Sorted by language and home, which are costly to change."""
    from hub.bench.peers import Gazetteer, Hassil, in_a_chain

    hassil: Hassil | None = None
    gazetteer: Gazetteer | None = None
    here: tuple[str, str] | None = None
    home = Home()
    for case in sorted(cases, key=_place):
        if _place(case) != here:
            here = _place(case)
            home = load_home(Path(case.home) if isinstance(case.home, str) else case.home)
            hassil = Hassil(home, case.language)
            gazetteer = Gazetteer(home) if case.language == "en" else None
        area = find_area(case.area, home) if case.area else None
        assert hassil is not None
        first = hassil.read(case.text, area.id if area else None)
        second = gazetteer.read(case.text, area.id if area else None) if gazetteer else None
        readings: dict[str, Sequence[Frame]] = {
            HASSIL: first.frames, CHAIN: in_a_chain(first, second).frames,
        }  # fmt: skip
        if second is not None:
            readings[GAZETTEER] = second.frames
        yield case, readings


def _place(case: Case) -> tuple[str, str]:
    return case.language, json.dumps(case.home, sort_keys=True)


# --- latency -------------------------------------------------------------------------------------

SMALL, LARGE = 38, 700


def home_of(size: int) -> dict[str, Any]:
    """The demo home cut to `size` entities, or grown with more rooms like its own."""
    import yaml

    home: dict[str, Any] = yaml.safe_load(DEMO.read_text("utf-8"))
    entities = list(home["entities"])
    rooms = {area["id"]: area["name"] for area in home["areas"]}
    number = 1
    while len(entities) < size:
        number += 1
        for area_id, name in rooms.items():
            home["areas"].append({"id": f"{area_id}_{number}", "name": f"{name} {number}"})
        entities += [
            entity
            | {
                "id": f"{entity['id']}_{number}",
                "name": f"{entity['name']} {number}",
                "area": f"{entity['area']}_{number}" if entity.get("area") in rooms else None,
                "aliases": [],
            }
            for entity in home["entities"]
        ]
    return {**home, "entities": entities[:size]}


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one kind of sentence in one home: hearthd's and the chain's."""

    kind: str
    entities: int
    ours: Sequence[float]
    chain: Sequence[float]

    def row(self) -> dict[str, Any]:
        """p50 and p95 of both, and the ratios."""
        row: dict[str, Any] = {"sentences": self.kind, "entities": self.entities}
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            ours, chain = percentile(self.ours, share), percentile(self.chain, share)
            row[name] = {
                OURS: round(ours, 2), CHAIN: round(chain, 2), "ratio": round(ours / chain, 2),
            }  # fmt: skip
        return row


async def latency(model: Any, wanted: Wanted, sentences: int = 150) -> list[dict[str, Any]]:
    """Both read each sentence in turn, so that what else the machine does meets both alike."""
    cases = [c for c in load_cases(wanted.data, DEMO, ("en",), sentences) if c.home == str(DEMO)]
    kinds = {
        "home commands": [c.text for c in cases if c.for_us],
        "not for us": [c.text for c in cases if not c.for_us],
    }
    rows = []
    for size in (SMALL, LARGE):
        home = load_home(home_of(size))
        for kind, texts in kinds.items():
            found = await _latency(model, home, texts[:sentences], kind, size)
            rows.append(found.row())
    return rows


async def _latency(model: Any, home: Home, texts: Iterable[str], kind: str, size: int) -> Latency:
    from hub.bench.peers import Gazetteer, Hassil, in_a_chain

    hassil, gazetteer, stage = Hassil(home, "en"), Gazetteer(home), Stage(model, home)
    await stage.run_line(json.dumps({"text": "turn on the lights"}))
    hassil.read("turn on the lights")
    ours, chain = [], []
    for text in texts:
        result = await stage.run_line(json.dumps({"text": text, "language": "en"}))
        ours.append(result["ms"]["total"])
        first = hassil.read(text)
        chain.append(in_a_chain(first, None if first.frames else gazetteer.read(text)).ms)
    return Latency(kind, size, ours, chain)


async def measure(model: Any, wanted: Wanted, timed: bool = True) -> dict[str, Any]:
    """Scores, latencies and versions as JSON; the misses are under `misses`."""
    began = time.perf_counter()
    found = await score(model, wanted)
    versions: Mapping[str, str] = {}
    latencies: list[dict[str, Any]] = []
    if wanted.peers:
        from hub.bench.peers import VERSIONS

        versions = VERSIONS
        if timed:
            latencies = await latency(model, wanted)
    return {
        "engine": model.engine,
        "peers": dict(versions),
        "seconds": round(time.perf_counter() - began, 1),
        "scores": _score_rows(found),
        "latency": latencies,
        "misses": [
            {"group": m.case.group, "text": m.case.text, "status": m.status,
             "wanted": [sorted(i) for i in m.case.intents], "slots": m.case.slots,
             "got": [{"intent": f["intent"], "slots": f["slots"]} for f in m.frames]}
            for m in found.misses
        ],
    }  # fmt: skip


def _score_rows(found: Scores) -> list[dict[str, Any]]:
    rows = []
    totals = [name for name in (ALL_HOME, ALL_OTHER) if name in found.by_group]
    groups = [name for name in found.by_group if name not in totals]
    for group in (*groups, *totals):
        scores = found.by_group[group]
        row: dict[str, Any] = {"group": group, "rows": next(iter(scores.values())).rows}
        for name, s in scores.items():
            if found.for_us[group]:
                row[name] = {"intent": s.intent / s.rows, "accepted_wrong": s.wrong / s.rows}
                if s.with_slots:
                    row[name]["slots"] = s.slots / s.with_slots
            else:
                row[name] = {"false_accepts": s.accepted / s.rows}
        rows.append(row)
    return rows
