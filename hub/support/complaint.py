"""Which device somebody complains about, what it reports itself, and which documents it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.home import Device, Home
from hub.knowledge.store import StoredDocument
from hub.knowledge.terms import codes_in, numbers_in, terms, tokens, words
from hub.languages import fold
from hub.support.words import SupportWords


@dataclass(frozen=True, slots=True)
class Complaint:
    """`device` is the home's, where it has one; `name` is what to call it."""

    text: str
    name: str
    device: Device | None
    documents: tuple[StoredDocument, ...]


def complaint_of(
    text: str,
    home: Home,
    documents: Sequence[StoredDocument],
    said: SupportWords,
    language: str,
    sure: bool = False,
) -> Complaint | None:
    """The complaint in a sentence: a device with a document, and something wrong with it, by its
    words or because it is `sure` to be one."""
    folded = fold(text)
    table = words(language)
    wrong = said.complaint.search(folded) or codes_in(text) or numbers_in(folded, table)
    if not wrong and not sure:
        return None
    stems = set(terms(text, table))
    device = _device(stems, home, language)
    about = [d for d in documents if device is not None and _is_about(d, device, home)]
    if not about:
        about = _named(stems, documents, language)
    if not about:
        return None
    name = device.name if device is not None else about[0].title
    return Complaint(text, name, device, tuple(about))


def _device(stems: set[str], home: Home, language: str) -> Device | None:
    """The home's device that is named with all its words; the longest name wins."""
    table = words(language)
    found: list[tuple[int, Device]] = []
    for device in home.devices.values():
        names = [device.name, *(e.name for e in home.entities.values() if e.device == device.id)]
        for name in names:
            parts = set(terms(name, table))
            if parts and parts <= stems:
                found.append((len(parts), device))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _is_about(document: StoredDocument, device: Device, home: Home) -> bool:
    """A document is tied to a device by name or id, or by model and manufacturer."""
    about = document.about
    if about.device:
        entities = {e.id for e in home.entities.values() if e.device == device.id}
        return fold(about.device) in {fold(device.name), fold(device.id), *entities}
    if not (about.model and device.model):
        return False
    same_model = fold(about.model) in {*fold(device.model).split(), fold(device.model)}
    makers = about.manufacturer, device.manufacturer
    return same_model and (None in makers or fold(makers[0] or "") == fold(makers[1] or ""))


def _named(
    stems: set[str], documents: Sequence[StoredDocument], language: str
) -> list[StoredDocument]:
    """Documents whose title has most of the words; none if it has no word that others lack."""
    table = words(language)
    titles = [set(terms(d.title, table)) for d in documents]
    common = set.intersection(*titles) if len(titles) > 1 else set()
    empty = table.stop | table.stop_stems
    scores = [len((title & stems) - common - empty) for title in titles]
    best = max(scores, default=0)
    return [d for d, s in zip(documents, scores, strict=True) if s == best] if best else []


def reported(complaint: Complaint, home: Home) -> list[tuple[str, str, bool]]:
    """What the device's entities report: name, state with unit, available."""
    if complaint.device is None:
        return []
    rows = []
    for entity in home.entities.values():
        if entity.device == complaint.device.id:
            state = home.state(entity.id)
            unit = entity.options.get("unit_of_measurement", "")
            rows.append((entity.name, f"{state.state} {unit}".strip(), state.available))
    return rows


def reported_code(complaint: Complaint, home: Home) -> str | None:
    """A code that the device itself reports, where the sentence names none."""
    if codes_in(complaint.text) or any(word.isdigit() for word in tokens(complaint.text)):
        return None
    for _, state, available in reported(complaint, home):
        found = codes_in(state)
        if available and len(found) == 1 and len(state.split()) == 1:
            return state
    return None
