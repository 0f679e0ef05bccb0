"""The words of a clause that say which thing is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Prefix

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.index import STEM, names_a_person, stem, words_of
from hub.ground.names import ARTICLES, kind_of_word, tokens, weight
from hub.ground.places import Place, find_area
from hub.ground.spans import blank


@dataclass(frozen=True, slots=True)
class Said:
    """The words that say what is meant, and the ways to read them as a name: each with what it
    loses for words that it leaves out. `telling` are the words that no place or kind explains;
    `guessed` says that the model marked nothing and any word may be a name; `bare` are readings
    without the word for the kind ("bedside" of "bedside lamp"): they name things of that kind only.
    """

    readings: tuple[tuple[tuple[str, ...], float], ...]
    telling: frozenset[str]
    explained: frozenset[str]
    plural: bool
    guessed: bool = False
    bare: frozenset[tuple[str, ...]] = frozenset()

    def tells(self, span: Span) -> bool:
        """Whether a span says which thing is meant, and not only what kind."""
        return bool(set(tokens(span.text)) & self.telling)

    def tells_by(self, said: tuple[str, ...]) -> bool:
        """Whether a reading has a word that no place or kind explains."""
        return any(weight(word) == 1 and word not in self.explained for word in said)

    @classmethod
    def of(
        cls,
        clause: ClauseReading,
        home: Home,
        place: Place,
        kind: frozenset[str],
        joined: bool = False,
    ) -> Said:
        """The readings of a clause whose place is known, and the words for the `kind` of thing.
        `joined`: the sentence may speak of other things beside it ("and")."""
        spans = [s for s in clause.spans if s.slot in ("name", "device", "area", "floor")]
        spans = sorted(spans, key=lambda span: span.start)
        whole = tuple(word for span in spans for word in tokens(span.text))
        readings: dict[tuple[str, ...], float] = {whole: 0.0} if whole else {}
        bare: set[tuple[str, ...]] = set()
        for span in spans:
            if span.slot in ("name", "device"):
                said = tokens(span.text)
                readings.setdefault(said, -0.06 if span.slot == "name" else -0.1)
                bare |= _without_kind(said)
                if span.slot == "device" and (before := _word_before(clause, span, home)):
                    readings.setdefault((before, *said), 0.0)
        bare -= readings.keys()
        readings |= dict.fromkeys(bare, -0.08)
        called = joined and _is_a_name(spans, whole, home)
        for said in names_said(clause, home):
            other = called or _only_spoken_of(said, spans, clause, home)
            if not other or set(said) <= set(whole):
                readings.setdefault(said, -0.02)
        known = {w for a in place.areas for n in (a.name, *a.aliases) for w in tokens(n)}
        placed = [s for s in spans if s.slot in ("area", "floor") and s.text != place.unknown]
        known |= {w for span in placed for w in tokens(span.text)}
        known |= kind
        if not whole:
            apart = tuple(w for w in tokens(_without_exceptions(clause)) if len(w) > 3)
            readings |= {(word,): -0.1 for word in apart}
        telling = frozenset(w for w in whole if w not in known and weight(w) == 1)
        explained = frozenset(known)
        several = says_several(clause)
        return cls(tuple(readings.items()), telling, explained, several, not whole, frozenset(bare))


def _only_spoken_of(
    said: tuple[str, ...], spans: list[Span], clause: ClauseReading, home: Home
) -> bool:
    """Whether a name is that of a person and does not stand next to what was marked, so that it
    cannot say whose that is: "Mom's sleeping so turn my speaker down", and not "how loud has Maya
    got her speaker"."""
    if not spans or not names_a_person(said, home):
        return False
    words = [frozenset(tokens(word)) for word in clause.text.split()]
    marked = {word for span in spans for word in tokens(span.text)}
    names = [at for at, word in enumerate(words) if word & set(said)]
    things = [at for at, word in enumerate(words) if word & marked]
    return all(abs(name - thing) > _NEXT for name in names for thing in things)


_NEXT = 3
"""Words from a person's name to the thing that is theirs."""


def _without_kind(said: tuple[str, ...]) -> set[tuple[str, ...]]:
    left = tuple(word for word in said if weight(word) == 1)
    return {left} if left and left != said else set()


def _is_a_name(spans: list[Span], said: tuple[str, ...], home: Home) -> bool:
    """Whether what was marked is the whole name of one thing: other names in the sentence are then
    those of other wishes ("Ron's lamp and Edith's lamp")."""
    named = any(span.slot == "name" for span in spans)
    return named and words_of(home).written.get(said) == 1


def _without_exceptions(clause: ClauseReading) -> str:
    """The words of the clause without those that name what is to be left alone, and those for the
    state that is asked about."""
    apart = ("except", "state") if clause.intent == "HassGetState" else ("except",)
    return blank(clause, [span for span in clause.spans if span.slot in apart])


_CLEARLY = 0.85


def _word_before(clause: ClauseReading, span: Span, home: Home) -> str | None:
    """ "flor lamp", where the model knew only the lamp: the word before may tell which."""
    before = clause.text[: span.start - clause.start].split()
    taken = {word for other in clause.spans for word in other.text.split()}
    if not before or before[-1] in taken or before[-1].lower() in ARTICLES:
        return None
    word = next(iter(reversed(tokens(before[-1]))), "")
    fitting = words_of(home).fitting(word).values()
    return word if max(fitting, default=0.0) >= _CLEARLY else None


_FREE_TEXT = frozenset({"query", "item", "message", "list", "color", "state", "except"})


def names_said(clause: ClauseReading, home: Home) -> Sequence[tuple[str, ...]]:
    """Names that stand in the sentence word for word, wherever the model saw them."""
    index = words_of(home)
    domain = clause.attributes["domain"].label if "domain" in clause.attributes else NONE
    asked = (clause.text, clause.start, clause.spans, domain)
    found = index.names_said.get(asked)
    if found is None:
        if len(index.names_said) >= _REMEMBERED:
            index.names_said.clear()
        found = index.names_said[asked] = _names_said(clause, home)
    return found


_REMEMBERED = 64
"""Clauses whose names are kept: the steps of reading one sentence ask for them again and again."""


def _names_said(clause: ClauseReading, home: Home) -> Sequence[tuple[str, ...]]:
    apart = [
        s
        for s in clause.spans
        if s.slot in _FREE_TEXT or (s.slot == "area" and find_area(s.text, home))
    ]
    said = tokens(blank(clause, apart))
    called = words_of(home).written
    runs = (said[i:j] for i in range(len(said)) for j in range(i + 1, len(said) + 1))
    names = (run if run in called else _as_one_word(run) for run in runs)
    found = [name for name in dict.fromkeys(names) for _ in range(called.get(name, 0))]
    found += [name for name in _in_another_case(clause, home) if name not in found]
    return [w for w in found if not any(len(o) > len(w) and stands_in(w, o) for o in found)]


def _as_one_word(run: tuple[str, ...]) -> tuple[str, ...]:
    """Words that speech recognition tore, as the one name that they make ("Handtuch Wärmer")."""
    return ("".join(run),) if 1 < len(run) <= _TORN and sum(map(len, run)) >= _LONG_NAME else run


_TORN, _LONG_NAME = 3, 7


def _in_another_case(clause: ClauseReading, home: Home) -> list[tuple[str, ...]]:
    """The names that what the model marked, or any words where it marked nothing, are a case form
    of ("ısıtıcıyı": "ısıtıcı"), each if no other name could be meant by it."""
    known = words_of(home)
    marked = [tokens(s.text) for s in clause.spans if s.slot in ("name", "device")]
    found: list[tuple[str, ...]] = []
    for said in marked or _runs_of_three(tokens(blank(clause, clause.spans))):
        near = [
            name
            for name in (known.stems.get(stem(said), ()) if said not in known.written else ())
            if all(map(_is_case_of, said, name))
        ]
        if len(near) == 1 and _tells_more_than_kind(near[0], clause, home):
            found.append(near[0])
    return found


def _runs_of_three(text: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every word, and up to three one after the other."""
    size = len(text)
    return [text[i:j] for i in range(size) for j in range(i + 1, min(i + 4, size + 1))]


def _tells_more_than_kind(name: tuple[str, ...], clause: ClauseReading, home: Home) -> bool:
    """Whether a name is not just the word for what the clause is about: "the blinds" are all of
    them, even where one is called "Blind"; a heater on a plug is no thermostat."""
    if any(kind_of_word(word) is None or _is_compound(word) for word in name):
        return True
    called = words_of(home).exactly.get(tuple(sorted(name)), frozenset())
    domain = clause.attributes["domain"].label
    return all(home.entities[i].domain != domain for i in called)


def _is_compound(word: str) -> bool:
    """Whether the word for a kind has another one before it that tells which ("hoveddør")."""
    kind = kind_of_word(word)
    return any(kind_of_word(word[at:]) == kind for at in range(_FIRST_PART, len(word) - 1))


_FIRST_PART = 3


def _is_case_of(said: str, word: str) -> bool:
    """Whether two words are one but for a short ending."""
    if said == word:
        return True
    same = Prefix.similarity(said, word)
    endings = len(said) - same, len(word) - same
    return same >= STEM and endings in _ENDINGS[same > _LONG]


_LONG = 6
_ENDINGS = tuple(
    {(s, w) for w, longest in enumerate(most) for s in range(longest + 1)}
    for most in ((4, 3), (4, 3, 3))
)
"""How long the endings of a short and of a long stem may be, as said and as written."""


def stands_in(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether the words stand in what was said, one after the other."""
    return any(said[i : i + len(words)] == words for i in range(len(said) - len(words) + 1))


def says_several(clause: ClauseReading) -> bool:
    """Whether more than one thing is meant."""
    several = clause.attributes["question"].label in ("any", "all", "which", "how_many")
    words = [s.text.lower() for s in clause.spans if s.slot in ("device", "name")]
    last = [word.split()[-1] for word in words if word.split()]
    return (
        clause.attributes["scope"].label == "all"
        or several
        or any(w.endswith("s") and not w.endswith(("ss", "us", "'s")) and len(w) > 3 for w in last)
    )
