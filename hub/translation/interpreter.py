"""What the road asks: is this for the translator, and what does it say?

A plan that comes from here says something and does nothing: it holds no action, whatever the text
that was translated would mean as a command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.home import Home
from edge.tasks.understanding_schema import Reading
from hub.languages.spoken import spoken_language
from hub.translation.glossary import Term
from hub.translation.request import Between, Stop, Wanted, Wish, language_names, wish_of
from hub.translation.translator import CannotTranslate, Translated, Translators
from hub.values import Answer, Plan, Request, Status

IDLE_SECONDS = 120.0
"""After so long without a sentence the models leave the memory."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the house has agreed on: `people` to their language, `glossary` terms to what they are
    called in other languages, and `own` is the house's language."""

    people: Mapping[str, str] = field(default_factory=dict)
    glossary: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own: str = "en"


@dataclass(slots=True)
class Interpreter:
    """The translation skill of one hub. `modes` are the sites where two languages are spoken."""

    translators: Translators
    agreed: Agreed = field(default_factory=Agreed)
    modes: dict[str, Between] = field(default_factory=dict)
    _timer: asyncio.TimerHandle | None = None

    async def plan(
        self, request: Request, reading: Reading | None, home: Home, language: str, busy: bool
    ) -> Plan | None:
        """What to say; None if nobody wants a translation. `busy`: a question of the hub's waits
        for an answer, which is not translated."""
        wish = wish_of(request.text, language)
        mode = self.modes.get(request.site)
        if wish is None and (mode is None or busy):
            return None
        if isinstance(wish, Between | Stop):
            return self._switched(request.site, wish)
        spoken = language.split("-", maxsplit=1)[0]
        if wish is None and mode is not None:
            wish, spoken = _other_side(request.text, mode, reading, spoken)
        return await self._said(wish, spoken, home, language) if wish is not None else None

    def close(self) -> None:
        """Let the models go."""
        if self._timer is not None:
            self._timer.cancel()
        self.translators.release()

    def _switched(self, site: str, wish: Between | Stop) -> Plan:
        if isinstance(wish, Stop):
            was_on = self.modes.pop(site, None) is not None
            return _plan("I stopped translating." if was_on else "I was not translating.")
        pairs = self.translators.pairs()
        for pair in ((wish.first, wish.second), (wish.second, wish.first)):
            if pair not in pairs and not {(pair[0], "en"), ("en", pair[1])} <= set(pairs):
                return _plan(f"No installed model translates from {pair[0]} to {pair[1]}.",
                             Status.REFUSED)  # fmt: skip
        self.modes[site] = wish
        return _plan(f"Translating between {_name(wish.first)} and {_name(wish.second)} until you "
                     "say: stop translating.")  # fmt: skip

    async def _said(self, wish: Wish, spoken: str, home: Home, language: str) -> Plan | None:
        if not isinstance(wish, Wanted):
            return None
        target = wish.target or self.agreed.people.get(wish.person or "")
        if target is None:
            whom = f" for the {wish.person}" if wish.person else ""
            return _plan(
                f"Into which language{whom}? Say it with the text: translate into Spanish: …",
                Status.CLARIFY,
            )
        try:
            found = await asyncio.to_thread(self._translated, wish.text, spoken, target, home)
        except CannotTranslate as error:
            return _plan(str(error), Status.REFUSED)
        finally:
            self._rest_later()
        return Plan(
            Status.ANSWERED,
            answers=(Answer("", text=found.text),),
            explanation={"translation": describe(found)},
        )

    def _translated(self, text: str, spoken: str, target: str, home: Home) -> Translated:
        """Raises `CannotTranslate`. Who asks in Spanish how something is in Spanish, means a text
        of another language: the one that the model reads with most confidence."""
        sources = [spoken] if spoken != target else self.translators.sources(target)
        found, why = [], CannotTranslate(f"No installed model translates into {target}.")
        for source in sources:
            terms = terms_of(home, self.agreed.glossary, source, target)
            try:
                found.append(self.translators.translate(text, source, target, terms))
            except CannotTranslate as error:
                why = error
        if not found:
            raise why
        return max(found, key=lambda one: one.confidence)

    def _rest_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.translators.release)


def describe(found: Translated) -> dict[str, object]:
    """A translation as JSON, for the journal."""
    return {
        "from": found.source, "to": found.target, "confidence": round(found.confidence, 4),
        "engine": found.engine,
    }  # fmt: skip


def terms_of(
    home: Home, glossary: Mapping[str, Mapping[str, str]], source: str, target: str
) -> list[Term]:
    """The glossary's terms, in any of their languages, then people's names."""
    terms = []
    for said, others in glossary.items():
        if target in others:
            terms.append(Term(others.get(source, said), others[target]))
    terms += [Term(name, name) for name in getattr(home, "people", ()) if isinstance(name, str)]
    return [term for term in terms if term.said.strip()]


def _other_side(
    text: str, mode: Between, reading: Reading | None, usual: str
) -> tuple[Wanted, str]:
    spoken = spoken_language(
        reading.languages if reading else (),
        (mode.first, mode.second),
        mode.second if usual == mode.second else mode.first,
    )
    if spoken == mode.second:
        return Wanted(text, mode.first), mode.second
    return Wanted(text, mode.second), mode.first


def _name(code: str) -> str:
    return next(name for name, known in language_names().items() if known == code).capitalize()


def _plan(text: str, status: Status = Status.ANSWERED) -> Plan:
    return Plan(status, answers=(Answer("", text=text),))
