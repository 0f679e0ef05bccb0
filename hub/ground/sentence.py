"""Ground a whole sentence: every clause by its best reading, one after the other, then one plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Span
from hub.ground.answering import FACTS
from hub.ground.apposed import with_the_one
from hub.ground.asked_of_calendars import of_its_calendar
from hub.ground.awaiting import notice
from hub.ground.checked import without_if_not
from hub.ground.context import Context, Turn
from hub.ground.followup import TARGETS, of_that_kind, whole
from hub.ground.for_this_home import foreign, names_a_device
from hub.ground.interpret import best_reading
from hub.ground.juxtaposed import juxtaposed
from hub.ground.listed import known_thing, listed
from hub.ground.mended import mended
from hub.ground.names import ARTICLES
from hub.ground.nearby import at_the_same, place_near, there_too
from hub.ground.owners import theirs_too
from hub.ground.parts import parts, with_shared_amounts
from hub.ground.passed_over import passed_over, reached
from hub.ground.reasons import since_taken_back, without_bare_names, without_reasons
from hub.ground.respan import respan
from hub.ground.results import Grounded, plan_of
from hub.ground.said_whole import said_whole
from hub.ground.shared_times import repeats, shared
from hub.ground.spans import spans_of
from hub.ground.spared import spared, with_exceptions
from hub.ground.surely_asked import surely_asked
from hub.ground.sureness import sureness
from hub.ground.timespans import rejoined
from hub.ground.uncut import uncut
from hub.ground.waiting import cannot_wait
from hub.ground.whatever import whatever
from hub.ground.whose import at_whose
from hub.languages import Lexicon, phrase, plain
from hub.values import Action, Answer, Plan, Status


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below these a sentence is not for us, or a clause is not understood. A clause between
    `doubtful` and `intent` is asked about if it names a device; a sentence that names one of the
    home's devices is for us from `for_us_named` on, one that comes to things of the home with
    nothing left to ask from `for_us_found` on, if its intents are sure from `intent_found` on (two
    doubts are too many), one that names only what is not there from `for_us_unknown` on.
    `languages` are the model's; `for_us_in` has those of them whose `for_us` is another."""

    for_us: float = 0.5
    intent: float = 0.45
    doubtful: float = 0.25
    for_us_named: float = 0.35
    for_us_unknown: float = 0.996
    for_us_found: float = 0.8
    intent_found: float = 0.6
    languages: tuple[str, ...] = ("en",)
    for_us_in: Mapping[str, float] = field(default_factory=dict)

    def least(self, language: str) -> float:
        """From where on a sentence of a language is for us."""
        return self.for_us_in.get(language, self.for_us)


def ground(reading: Reading, home: Home, context: Context, thresholds: Thresholds) -> Plan:
    """The plan for a sentence. Pure; asks or refuses rather than guesses."""
    if told := said_whole(reading, home, context.words) or _notice(reading, home, context):
        return told
    began = context
    reading = of_its_calendar(reading, home)
    for_us = thresholds.least(context.language)
    unsure = thresholds.for_us_named <= reading.for_us < for_us
    named = unsure and names_a_device(reading, home, began)
    least = thresholds.for_us_named if named else min(for_us, thresholds.for_us_found)
    least = for_us if _OVERRIDES.search(reading.text) else least
    strange = thresholds.languages == ("en",) and foreign(reading.text, home)
    if not reading.clauses or reading.for_us < least or strange:
        return Plan(Status.NOT_UNDERSTOOD)
    clauses = _wished(reading, home, context.words)
    if any(clause.intent == NONE for clause in clauses):
        return Plan(Status.NOT_UNDERSTOOD)
    wishes = _wishes(clauses, reading, home, context)
    read, grounded, context = _one_by_one(wishes, home, context)
    surest = min(map(sureness, read))
    acting = [sureness(clause) for clause in read if clause.intent not in FACTS]
    weighing = context.words.starts("weighing", reading.text) is not None
    if surest < thresholds.doubtful or (acting and weighing):
        return Plan(Status.NOT_UNDERSTOOD)
    if reading.for_us < thresholds.for_us_unknown and all(done.unknown for done in grounded):
        return Plan(Status.NOT_UNDERSTOOD)
    here = _only_greeted(read, context) or all(_found_here(done) for done in grounded)
    found = surest >= thresholds.intent_found and here
    if unsure and not named and not found:
        return Plan(Status.NOT_UNDERSTOOD)
    doubted = reading.for_us < max(for_us, thresholds.for_us_unknown)
    if acting and doubted and context.words.has("past", plain(reading.text)):
        return Plan(Status.NOT_UNDERSTOOD)  # told, not wished: "he left the light on yesterday"
    if acting and (stray := _time_of_a_question(read, context.words)):
        grounded.append(cannot_wait(Grounded(), stray))
    if len(wishes) > 1:
        grounded = [_kept_as_it_is(done) for done in grounded]
    if missed := passed_over(read, grounded, home):
        text = f"What shall I do with {missed.name}?"
        grounded.append(Grounded(asked=phrase(text, "what_with", name=missed.name)))
    plan = plan_of(grounded)
    if acting and min(acting) < thresholds.intent:
        named = named or any(names_a_device(reading, home, c) for c in (began, context))
        plan = _doubted(plan, home) if named else Plan(Status.NOT_UNDERSTOOD)
    about = tuple(dict.fromkeys(i for done in grounded for i in _about(done)))
    return replace(plan, explanation={"clauses": read, "about": about})


def _wishes(
    clauses: Sequence[ClauseReading], reading: Reading, home: Home, context: Context
) -> list[ClauseReading]:
    """The wishes and questions of the clauses, each with what the others tell of it."""
    wishes = [part for clause in clauses for part in _parts(clause, home, context)]
    wishes = with_the_one(wishes, context.words)
    wishes = _together(_asked_of(wishes, reading.text, context.words), context)
    return with_shared_amounts(wishes, context.words)


def _one_by_one(
    wishes: Sequence[ClauseReading], home: Home, context: Context
) -> tuple[list[ClauseReading], list[Grounded], Context]:
    """Each wish as it is read at last and what comes of it, and the context after the last."""
    read: list[ClauseReading] = []
    grounded: list[Grounded] = []
    speaker = context.area
    for number, wish in enumerate(wishes):
        near = at_the_same(wish, home, context) or speaker
        near = near or place_near(wishes, number, home, context.words)
        context = replace(context, area=near)
        clause = theirs_too(of_that_kind(wish, context), home, context)
        corrected = _corrected(clause, context)
        best, done = best_reading(whole(clause, home, context), home, context)
        if done.choices and not speaker:
            best, done = there_too(clause, wishes, number, home, context) or (best, done)
        read.append(best)
        grounded.append(
            replace(done, actions=(*corrected, *done.actions)) if done.actions else done
        )
        context = _after(context, best, done)
    return read, grounded, context


_OVERRIDES = re.compile("[\u202d\u202e]")
"""They show other words than are read: such a sentence must be plain by itself."""


def _wished(reading: Reading, home: Home, words: Lexicon) -> Sequence[ClauseReading]:
    """The clauses that wish or ask something, each whole."""
    clauses = whatever(uncut(reading.clauses, reading.text, home), reading.text, words)
    clauses = without_bare_names(without_reasons(without_if_not(clauses, words), words))
    wished = rejoined(_once(with_exceptions(clauses, words)), words)
    return since_taken_back(wished, reading.text, words)


def _kept_as_it_is(part: Grounded) -> Grounded:
    """A wish beside others that waits, as the calls that it is now: its own words may mean nothing
    when they are read again without the others ("and in ten minutes the landing light")."""
    kept = [
        replace(effect, data={**effect.data, "rerun": False})
        if effect.data.get("rerun") and effect.data.get("calls")
        else effect
        for effect in part.effects
    ]
    return replace(part, effects=tuple(kept))


def _parts(clause: ClauseReading, home: Home, context: Context) -> list[ClauseReading]:
    """The wishes of one clause, with their spans as the language and the home have them."""
    words = context.words
    return [
        part
        for wish in juxtaposed(clause, words)
        for part in parts(
            listed(respan(_whole(wish, home, words, context.area), home, words), home),
            words,
            lambda said: known_thing(said, home),
        )
    ]


def _whole(
    clause: ClauseReading, home: Home, words: Lexicon, here: str | None = None
) -> ClauseReading:
    return at_whose(spared(mended(clause, words), words), home, words, here)


def _asked_of(wishes: list[ClauseReading], said: str, words: Lexicon) -> list[ClauseReading]:
    """ "The front door, is it locked?": a thing that is named before a question about "it" is what
    is asked about, and nothing is wished of it; so with what is to be left as it is before a wish
    about "it" ("leave the porch light on but dim it")."""
    kept: list[ClauseReading] = []
    for clause in wishes:
        pointing = words.has("pronoun", plain(clause.text)) and not spans_of(clause, "name")
        if not kept or not pointing or not _only_points(kept[-1], clause):
            kept.append(clause)
            continue
        start = kept[-1].start
        spans = (*kept[-1].spans, *clause.spans)
        kept[-1] = replace(clause, start=start, text=said[start : clause.end], spans=spans)
    return kept


def _only_points(clause: ClauseReading, after: ClauseReading) -> bool:
    """Whether a clause is there to say what the one after it is about."""
    named = any(span.slot in ("name", "device") for span in clause.spans)
    left_alone = clause.intent == "HassNevermind" and after.intent not in FACTS and named
    return left_alone or (after.intent in FACTS and _only_named(clause))


def _only_named(clause: ClauseReading) -> bool:
    """Whether a clause is a thing's name and no more: it says nothing of what to do."""
    text = clause.text
    for span in clause.spans:
        start, end = span.start - clause.start, span.end - clause.start
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    named = any(span.slot in ("name", "device") for span in clause.spans)
    return named and not [word for word in plain(text).split() if word not in ARTICLES]


def _together(wishes: list[ClauseReading], context: Context) -> list[ClauseReading]:
    """With what is said once for all wishes of the sentence; a question among them takes none."""
    acting = [w for w in wishes if w.intent not in FACTS]
    with_times = iter(shared(acting, context.words))
    return [w if w.intent in FACTS else next(with_times) for w in wishes]


def _time_of_a_question(read: Sequence[ClauseReading], words: Lexicon) -> Span | None:
    """A time to wait for in what was read as a question: it may belong to the wishes beside it. One
    that repeats within the day counts although the model did not mark it."""
    asked = [clause for clause in read if clause.intent in FACTS]
    spans = [span for clause in asked for span in clause.spans]
    repeated = [
        Span(clause.start, clause.end, "time", clause.text, 1.0)
        for clause in asked
        if repeats(clause.text, words)
    ]
    marked = [span for span in spans if span.slot in ("delay", "condition")]
    return next(iter([*marked, *repeated]), None)


def _only_greeted(read: Sequence[ClauseReading], context: Context) -> bool:
    """Whether a sentence wants nothing but an answer ("Hi"). In English people's small talk with an
    assistant is known, and the threshold was chosen so that it is none of the home's."""
    return context.language != "en" and all(clause.intent == "HassRespond" for clause in read)


def _found_here(part: Grounded) -> bool:
    """Whether a part of the sentence came to things of this home, with nothing left to ask."""
    return bool(_about(part) or part.tells) and not (part.refused or part.asked or part.choices)


def _about(part: Grounded) -> tuple[str, ...]:
    return part.about or tuple(action.call.entity_id for action in part.actions)


def _after(context: Context, clause: ClauseReading, part: Grounded) -> Context:
    """What the next clause of the sentence may refer to."""
    about = tuple(dict.fromkeys(_about(part)))
    extra = {**context.extra, "clause": clause, "meant": tuple(reached(part))}
    if not about:
        return replace(context, extra=extra)
    turn = Turn(clause.text, part.frames, part.actions, about, at=context.now)
    return replace(context, previous=turn, extra=extra)


def _corrected(clause: ClauseReading, context: Context) -> tuple[Action, ...]:
    """ "No, I meant the bedroom": what was done instead is put back first."""
    if clause.intent != "HassFollowUp" or context.previous is None:
        return ()
    if not context.words.has("correction", plain(clause.text)):
        return ()
    undo = (action.undo for action in reversed(context.previous.actions))
    return tuple(Action(call) for call in undo if call is not None)


def _once(clauses: Sequence[ClauseReading]) -> list[ClauseReading]:
    """ "Too bright in here, a bit less": a bare "less" that may mean the wish before it is that
    wish said again, and not the volume."""
    kept = list(clauses[:1])
    for clause in clauses[1:]:
        before = kept[-1]
        bare = clause.intent == "HassSetVolumeRelative" != before.intent and not any(
            s.slot in (*TARGETS, "area", "floor") for s in clause.spans
        )
        also = any(s.label == before.intent and s.confidence >= _ALSO for s in clause.intents)
        directions = [c.attributes["direction"].label for c in (before, clause)]
        if not (bare and also and directions[0] == directions[1] != NONE):
            kept.append(clause)
    return kept


_ALSO = 0.02


def _notice(reading: Reading, home: Home, context: Context) -> Plan | None:
    """A sentence that surely asks something of this home, or wants to be told when something in it
    comes about: surely for us."""
    if answered := surely_asked(reading, home, context):
        return plan_of([answered])
    if len(reading.clauses) != 1:
        return None
    intents = reading.clauses[0].intents
    whole = ClauseReading(0, len(reading.text), reading.text, intents, {}, ())
    found = notice(whole, home, context)
    return plan_of([found[1]]) if found and not found[1].refused else None


def _doubted(plan: Plan, home: Home) -> Plan:
    """A doubtful reading that names a device is asked about; any other is not understood."""
    if not plan.actions or plan.status is not Status.DONE:
        return Plan(Status.NOT_UNDERSTOOD)
    names = [home.entities[action.call.entity_id].name for action in plan.actions]
    verb = plan.actions[0].call.service.partition(".")[2].replace("_", " ")
    named = list(dict.fromkeys(names))
    english = f"Did you mean: {verb}, {' and '.join(named)}?"
    question = phrase(english, "do_you_mean", name=", ".join(named))
    return replace(plan, status=Status.CONFIRM, answers=(Answer("", text=question),))
