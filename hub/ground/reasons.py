"""What is said beside a wish and is none of its own: why it is wished ("I am going to bed, so"),
that this is all, that it is taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored
from hub.ground.names import ARTICLES, tokens
from hub.ground.spans import blank
from hub.languages import Lexicon, plain


def without_reasons(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The clauses without those that name nothing and end in "so", where the wish is what follows,
    and without a last one that says that this is all."""
    if len(clauses) > 1 and words.fits("that_is_all", plain(clauses[-1].text).strip(" .,!")):
        clauses = clauses[:-1]
    named = [c for c in clauses if not _states_only(c, words)]
    clauses = named or clauses
    last = len(clauses) - 1
    return [c for at, c in enumerate(clauses) if at == last or not _is_reason(c, words)]


def without_bare_names(clauses: Sequence[ClauseReading]) -> list[ClauseReading]:
    """The clauses without a name alone behind a question, which wishes nothing ("is the gate closed
    after that | van")."""
    return [
        clause
        for at, clause in enumerate(clauses)
        if not (at and clauses[at - 1].intent in _ASKING and _is_bare(clause))
    ]


_ASKING = frozenset({"HassGetState", "HassClimateGetTemperature", "HassGetWeather"})


def _is_bare(clause: ClauseReading) -> bool:
    said = [word for word in tokens(blank(clause, clause.spans, " ")) if word not in ARTICLES]
    return clause.intent in _SWITCHING and bool(clause.spans) and not said


def _states_only(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether a clause has the form of a statement, names nothing, says no state that it wishes ("I
    want it off" does), and would switch whatever there is ("there's water everywhere")."""
    states = any(words.starts(group, clause.text) is not None for group in ("stating", "subject"))
    said = plain(clause.text)
    wished = any(words.find(kind, said) is not None for kind in _STATES)
    return states and not wished and not clause.spans and clause.intent in _SWITCHING


_STATES = ("on_off", "cover_state", "lock_state")
_SWITCHING = frozenset({"HassTurnOn", "HassTurnOff", "HassToggle"})


def _is_reason(clause: ClauseReading, words: Lexicon) -> bool:
    said = plain(clause.text).rstrip(" ,;:")
    return not clause.spans and bool(words.ending("therefore", said))


def since_taken_back(
    clauses: Sequence[ClauseReading], text: str, words: Lexicon
) -> Sequence[ClauseReading]:
    """The clauses from the last one on that takes back what was said before it ("no, wait"); where
    the last words of the sentence do so, nothing but that."""
    text = text.rstrip()
    *before, last = PAUSES.split(text)
    said = plain(last)
    back = words.ending("taken_back", said)
    if before and back and len(said.removesuffix(back).split()) <= _LED_BY:
        forgotten = (Scored("HassNevermind", 1.0),)
        return [ClauseReading(len(text) - len(last), len(text), last, forgotten, _NOTHING, ())]
    for at in range(len(clauses) - 1, 0, -1):
        surely = clauses[at].intents[0].confidence >= _SURELY
        if clauses[at].intent == "HassNevermind" and surely and not clauses[at].spans:
            return clauses[at:]
    return clauses


_SURELY = 0.8
_LED_BY = 2
"""Words before those that take a wish back: "I changed my mind", "actually leave it"."""
PAUSES = re.compile(r"[,;.!?]\s+|[，；。！？]\s*")
"""Between the parts of a sentence."""
_NOTHING = {name: Scored(NONE, 1.0) for name in ATTRIBUTES}
