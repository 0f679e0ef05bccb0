"""The best reading of one clause: the model's and the home's, compared by what comes of them.

The model gives the three most probable intents. What a person can have meant is also what the home
has: a reading that no device can do loses to the next one, and a value is set on the knob that the
thing offers. Questions stay questions and wishes stay wishes, whatever fits better.
"""

from __future__ import annotations

import re
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.answering import FACTS
from hub.ground.as_said import as_said
from hub.ground.asked_of_calendars import of_a_calendar
from hub.ground.awaiting import notice
from hub.ground.commands import COMMANDS, ground_command
from hub.ground.conditions import read_condition
from hub.ground.context import Context
from hub.ground.errands import ERRANDS, WAITING
from hub.ground.fans import fan_as_said
from hub.ground.followup import TIMES, pointed
from hub.ground.kinds import PEOPLE
from hub.ground.lists import of_a_list
from hub.ground.main_light import main_light
from hub.ground.named_whole import named_by_a_colour, named_whole
from hub.ground.names import tokens
from hub.ground.other_readings import other_readings
from hub.ground.part_way import part_way
from hub.ground.results import Grounded, frame
from hub.ground.robots import driven, goes_home_by_itself, of_the_robot_before
from hub.ground.said import names_said
from hub.ground.settings import named_unmarked, retargeted, settled, transposed
from hub.ground.spans import spans_of
from hub.ground.sun_answers import sun_answer
from hub.ground.timespans import with_unseen
from hub.ground.waiting import for_a_while, not_vaguely_later, timed
from hub.languages import Lexicon, phrase, plain
from hub.quantities import amount, duration
from hub.times import moment


def best_reading(
    clause: ClauseReading, home: Home, context: Context
) -> tuple[ClauseReading, Grounded]:
    """The reading to go by, as a clause with its intent first, and what comes of it."""
    if told := notice(clause, home, context):
        return told
    if clause.intent in COMMANDS or clause.intent in WAITING:
        clause = with_unseen(
            clause, context.words, lambda said: bool(read_condition(said, home, context))
        )
    clause = fan_as_said(as_said(clause, home, context.words), home, context.words)
    clause = main_light(named_by_a_colour(clause, home, context.words), home, context)
    clause = of_a_calendar(of_a_list(clause, home), home)
    clause = named_whole(_amounts_of_times(_asked(clause, context), context), home)
    clause = _complained(clause, context.words)
    first = settled(_placed(clause, home, context), home, context)
    if goes_home_by_itself(first, context):
        return first, Grounded((frame(first, {}),), about=context.extra["meant"])
    best, done = first, ground_clause(first, home, context)
    if shut := _all_shut(first, context):
        closing = ground_clause(shut, home, context)
        best, done = (shut, closing) if closing.actions else (best, done)
    if done.actions and (overlooked := _overlooked(first, done, home)):
        text = f"What shall I do with {overlooked}?"
        return best, Grounded(done.frames, asked=text)
    score = first.intents[0].confidence * _worth(done)
    amiss = _worth(done)
    if amiss == 1.0:
        return best, done
    for other in other_readings(clause, first, done, home, context):
        candidate = settled(_placed(other, home, context), home, context)
        grounded = ground_clause(candidate, home, context)
        value = candidate.intents[0].confidence * _worth(grounded)
        if value > score:
            best, done, score = candidate, grounded, value
    if best.intent != first.intent and amiss == _INCOMPLETE and _worth(done) == 1.0:
        best = _surer(best, first)
    return best, done


def _surer(best: ClauseReading, first: ClauseReading) -> ClauseReading:
    """A reading that takes the place of one that lacks an amount, with the probability of both."""
    both = best.intents[0].confidence + first.intents[0].confidence
    sure = Scored(best.intent, min(_TAKEN_OVER, both))
    return replace(best, intents=(sure, *best.intents[1:]))


_INCOMPLETE = 0.3
_REFUSED, _NOTHING = 0.1, 0.05
_TAKEN_OVER = 0.6


def _amounts_of_times(clause: ClauseReading, context: Context) -> ClauseReading:
    """With amounts that were taken for times as amounts ("on at half")."""
    spans = tuple(
        replace(s, slot="value") if s.slot == "time" and _is_amount(s.text, context) else s
        for s in clause.spans
    )
    return clause if spans == clause.spans else replace(clause, spans=spans)


def _is_amount(said: str, context: Context) -> bool:
    found = amount(said, context.words)
    if context.words.find("sun", plain(said)) is not None or duration(said, context.words):
        return False
    return bool(found and found.level) and moment(said, context.now, context.words) is None


def _overlooked(clause: ClauseReading, done: Grounded, home: Home) -> str | None:
    """A thing whose whole name of several words is said, where the model marked nothing at all and
    takes the words for a wish about other things ("end quiet hours" for silence)."""
    if any(span.slot != "entity" for span in clause.spans):
        return None
    said = [name for name in names_said(clause, home) if len(name) > 1]
    if not said:
        return None
    acted = [home.entities.get(action.call.entity_id) for action in done.actions]
    things = (e for e in home.entities.values() if e.domain not in PEOPLE)
    named = [e for e in things if tokens(e.name) in said]
    return named[0].name if named and not any(e in named for e in acted) else None


def _asked(clause: ClauseReading, context: Context) -> ClauseReading:
    """A question never acts: what begins with "what" or "which", or with a verb that only asks
    ("dreht sich der Ventilator"), asks for a state, whatever the model takes it for; "what about
    the kitchen" is no question, nor is a wish with a time or a condition before it ("quand Anna
    rentre, allume"). Who asks for leave ("can I turn the fridge off") has not said to do it."""
    first, second, *_ = [*plain(clause.text).split(), "", ""]
    whether = context.words.fits("only_asks", first) and "," not in clause.text
    if for_leave := context.words.starts("for_leave", clause.text):
        clause = replace(clause, text=_without_wish(clause.text, for_leave, context.words))
    wh = context.words.fits("wh", first) and not context.words.fits("about", second)
    asking = bool(for_leave) or wh
    asking = asking or whether
    waiting = any(s.slot in TIMES and s.start == clause.start for s in clause.spans)
    whether = whether or _read_as_whether(clause)
    if clause.intent not in COMMANDS or not (asking or whether) or waiting:
        return clause
    value = Scored("yesno" if whether else "value", 1.0)
    likely = next((s.label for s in clause.intents if s.label in FACTS), "HassGetState")
    attributes = {**clause.attributes, "question": value}
    intent = Scored(likely, clause.intents[0].confidence)
    return replace(clause, intents=(intent,), attributes=attributes)


def _read_as_whether(clause: ClauseReading) -> bool:
    """Whether the model is sure of a yes-or-no question and unsure of the wish that it makes of it
    ("wird der Flur gereinigt")."""
    question = clause.attributes["question"]
    asked = sum(s.confidence for s in clause.intents if s.label in FACTS)
    return question.label == "yesno" and question.confidence >= _SURE and asked >= _ALSO_ASKED


_SURE = 0.9
_ALSO_ASKED = 0.2
_ALSO_WISHED = 0.1


def _complained(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """That it is cold, said and not asked ("hace frío en el baño"), is a wish for more warmth."""
    first = plain(clause.text).split()[:1]
    asks = clause.text.rstrip().endswith("?") or any(
        words.fits(group, word) for group in _OPEN_QUESTIONS for word in first
    )
    wished = next((s for s in clause.intents if s.label == "HassClimateSetTemperature"), None)
    told = clause.attributes["direction"]
    felt = _WARMER.get(str(words.find("felt", plain(clause.text))))
    way = told if told.label in ("up", "down") else Scored(felt, 1.0) if felt else None
    if clause.intent != "HassClimateGetTemperature" or asks or way is None or wished is None:
        return clause
    if wished.confidence < _ALSO_WISHED:
        return clause
    sure = Scored(wished.label, min(1.0, wished.confidence + clause.intents[0].confidence))
    others = (s for s in clause.intents if s is not wished)
    attributes = {**clause.attributes, "direction": way}
    return replace(clause, intents=(sure, *others), attributes=attributes)


_WARMER = {"freezing": "up", "cold": "up", "hot": "down"}
"""Which way is wished of how it is felt to be."""
_OPEN_QUESTIONS = ("wh", "asking_whether", "only_asks")


def _without_wish(text: str, asked: int, words: Lexicon) -> str:
    """The text with blanks for the words that ask for leave and those for on and off: what is asked
    about is how the thing is."""

    def kept(word: re.Match[str]) -> str:
        said = word.group()
        switched = words.which("on_off", plain(said)) is not None
        return " " * len(said) if switched else said

    return " " * asked + re.sub(r"\w+", kept, text[asked:])


def _placed(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    if clause.intent not in COMMANDS:
        return clause
    moved = part_way(named_unmarked(clause, home), context.words)
    moved = of_the_robot_before(moved, home, context)
    own = transposed(pointed(moved, home, context), home)
    return retargeted(driven(own, home), home, context)


def _all_shut(clause: ClauseReading, context: Context) -> ClauseReading | None:
    """ "Shut everything upstairs" is said of what can be shut, "shut everything off" is not."""
    said, words = plain(clause.text), context.words
    every = clause.attributes["scope"].label == "all" and clause.attributes["domain"].label == NONE
    named = any(span.slot in ("name", "device") for span in clause.spans)
    if clause.intent != "HassTurnOff" or not every or named:
        return None
    if not words.has("closing", said) or words.has("shut_off", said):
        return None
    return replace(clause, attributes={**clause.attributes, "domain": Scored("cover", 1.0)})


def _worth(grounded: Grounded) -> float:
    """How much speaks for a reading that this is what comes of it."""
    if grounded.not_understood:
        return _NOTHING
    if grounded.refused:
        return _REFUSED
    if grounded.choices:
        return 0.6
    return _INCOMPLETE if grounded.asked else 1.0


def ground_clause(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What comes of one clause as it is read."""
    intent = clause.intent
    if intent in FACTS:
        return sun_answer(clause, context) or FACTS[intent](clause, home, context)
    if intent in COMMANDS:
        if any(span.slot in TIMES for span in clause.spans):
            return timed(clause, home, context)
        if spans_of(clause, "duration"):
            return for_a_while(clause, home, context)
        return not_vaguely_later(clause, ground_command(clause, home, context), context.words)
    if intent in ERRANDS:
        timing = TIMES if intent == "HassBroadcast" else {"condition"}
        if intent in WAITING and any(span.slot in timing for span in clause.spans):
            return timed(clause, home, context, ERRANDS[intent])
        return ERRANDS[intent](clause, home, context)
    if intent == "HassFollowUp":
        return Grounded((frame(clause, {}),), asked=phrase("What shall I do there?", "what_there"))
    return Grounded(not_understood=True)
