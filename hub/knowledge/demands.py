"""What a question demands of the passage that answers it, beside the judge's opinion.

The judge likes a passage that speaks of the right thing. Whether it tells what is asked about that
thing can often be seen in the words: "how many eggs" wants eggs that are counted, "how much flour"
an amount, a code is a row of digits, and what stands nowhere in the documents is not answered by
them. What does not meet a demand falls far back; it is not excluded.
"""

from __future__ import annotations

import re

from hub.knowledge.evidence import FEATURES, Candidate, Floats, counted
from hub.knowledge.kinds import AMOUNTS, counts, tells_of_lamps
from hub.knowledge.terms import Question, Words, stem_of, tokens, words
from hub.languages import fold

_UNHEARD_OF = 0.4
_SPOKEN_OF = 0.75
"""A yes or no about a word that no passage has, where the rest does not outweigh it."""

_OWNER = re.compile(
    r"\bof (?:the|my|our|an?|this) ([\w -]+?)(?= (?:in|on|at|to|for|when|if|is|are|be|with|"
    r"should|can|do|does)\b|[?,.!]|$)"
)
"""Whose something is: "the code of the key box"."""
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][a-z]{2,}\b")
"""A name within a question; its first word is written large anyway."""


def unmet(question: Question, candidate: Candidate, quotation: str, row: Floats) -> bool:
    """Whether a quotation lacks something that the question demands. `row` is the candidate's
    evidence."""
    chunk = candidate.found.passage.chunk
    table = words(question.language)
    shown = f"{' '.join(chunk.heading[-1:])}: {quotation}"
    around = " ".join((candidate.found.passage.title, *chunk.heading, chunk.text))
    return (
        _not_shown(question, table, shown)
        or _not_counted(question, shown)
        or _of_a_lamp(question, shown)
        or _never_named(question, table, around)
        or _unheard_of(question, row)
    )


def _not_shown(question: Question, table: Words, shown: str) -> bool:
    """A demand of the language's table; a question about an error code wants its meaning."""
    asked, told = fold(question.text), fold(shown)
    if question.codes or question.numbers:
        return False
    return any(
        demand.asked.search(asked) and not demand.shown.search(told) for demand in table.demands
    )


def _not_counted(question: Question, shown: str) -> bool:
    """ "How many tomatoes" is not told by "two cans"."""
    noun = counted(question)
    other = (question.expects & AMOUNTS) - {"count"}
    return noun is not None and not other and not counts(noun, shown)


def _of_a_lamp(question: Question, shown: str) -> bool:
    """The colour of a lamp is not that of the device."""
    return (
        "colour" in question.expects and tells_of_lamps(shown) and not tells_of_lamps(question.text)
    )


def _never_named(question: Question, table: Words, around: str) -> bool:
    """Names, and whose something is, must be spoken of in the passage or its headings."""
    carried = {term.stem for term in question.terms if not term.weak}
    have = {stem_of(word, table) for word in tokens(around)}
    names = ({stem_of(fold(name), table)} for name in _NAME.findall(question.text))
    owners = (
        {stem_of(word, table) for word in found.split()}
        for found in _OWNER.findall(fold(question.text))
    )
    return any(wanted & carried and not wanted & carried & have for wanted in (*names, *owners))


def _unheard_of(question: Question, row: Floats) -> bool:
    """Whether something is so cannot be told by passages that lack the word for it."""
    unknown = float(row[FEATURES.index("unknown")])
    spoken = float(row[FEATURES.index("own_strong")])
    return "yesno" in question.expects and unknown >= _UNHEARD_OF and spoken < _SPOKEN_OF
