"""Words in the forms that their neighbours ask for: articles, cases, agreement, contractions.

Each language has a small table of its determiners; an entry of the word lists says the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "de", "es", "fr", "zh")

_VOWEL = "aeiouâàéèêëîïôœœuyAEIOUÉh"
_DE_DEFINITE = {
    "m": ("der", "den", "dem"), "f": ("die", "die", "der"), "n": ("das", "das", "dem"),
    "p": ("die", "die", "den"),
}  # fmt: skip
_DE_ENDING = {
    "m": ("", "en", "em"), "f": ("e", "e", "er"), "n": ("", "", "em"), "p": ("e", "e", "en"),
}  # fmt: skip
_DE_CASES = {"nom": 0, "acc": 1, "dat": 2}
_DE_STEMS = {"a": "ein", "my": "mein", "my2": "dein", "our": "unser", "no": "kein"}
_DE_ADJECTIVE = {"m": "einen {}en", "f": "eine {}e", "n": "ein {}es", "p": "{}e"}


@dataclass(frozen=True, slots=True)
class Noun:
    """One language's noun. `gender` is m, f, n or "" (English, Chinese); `place` is where something
    is that is in or at it."""

    language: str
    word: str
    gender: str
    plural: bool
    place: str = ""
    article: str = ""

    def form(self, name: str) -> str:
        """The noun as `name` asks for; "" is the definite nominative."""
        return _FORMS[self.language](self, name)


def read_noun(language: str, text: str) -> Noun:
    """`der Flur, im Flur`, `les lampes/f`, `garden`, `balcony/on`."""
    head, _, place = text.partition(", ")
    head, _, flag = head.partition("/")
    if language == "zh":
        return Noun(language, head, "", False, head)
    if language == "en":
        preposition = flag if flag in ("on", "at") else "in"
        return Noun(language, head, "", flag == "p", f"{preposition} the {head}", "the")
    article, _, word = head.partition(" ")
    if head.startswith("l'"):
        article, word = "l'", head[2:]
    plural = flag == "p" or article in ("los", "las", "les")
    gender = {"der": "m", "die": "f", "das": "n", "la": "f", "las": "f"}.get(article, "m")
    return Noun(language, word, "f" if flag == "f" else gender, plural, place, article)


def _english(noun: Noun, form: str) -> str:
    word, many = noun.word, noun.plural
    form = form.removesuffix("acc").removesuffix("dat")
    if not form:
        return f"the {word}"
    if form == "a":
        return word if many else f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
    plain = {
        "bare": word, "my": f"my {word}", "my2": f"your {word}", "our": f"our {word}",
        "is": "are" if many else "is", "be": "are" if many else "is", "in": noun.place,
        "into": f"into the {word}",
    }  # fmt: skip
    return plain[form]


def _german(noun: Noun, form: str) -> str:
    kind, word = ("p" if noun.plural else noun.gender), noun.word
    many = noun.plural
    dative = word + "n" if many and not word.endswith(("n", "s")) else word
    case = "dat" if form.endswith("dat") else "acc" if form.endswith("acc") else "nom"
    stem = form.removesuffix(case)
    noun_in_case = dative if case == "dat" else word
    if stem == "":
        return f"{_DE_DEFINITE[kind][_DE_CASES[case]]} {noun_in_case}"
    if stem == "a" and many:
        return noun_in_case
    if stem in _DE_STEMS:
        return f"{_DE_STEMS[stem]}{_DE_ENDING[kind][_DE_CASES[case]]} {noun_in_case}"
    if stem in ("new", "good"):
        return f"{_DE_ADJECTIVE[kind].format({'new': 'neu', 'good': 'gut'}[stem])} {word}"
    where = "auf" if noun.place.startswith("auf") else "in"
    plain = {
        "bare": word, "is": "sind" if many else "ist",
        "be": "sind" if many else "ist", "has": "haben" if many else "hat",
        "may": "dürfen" if many else "darf", "in": noun.place,
        "into": f"{where} {_DE_DEFINITE[kind][1]} {word}",
    }  # fmt: skip
    return plain[stem]


def _spanish(noun: Noun, form: str) -> str:
    word, many, female = noun.word, noun.plural, noun.gender == "f"
    one = "a" if female else "o"
    s = "s" if many else ""
    form = form.removesuffix("acc").removesuffix("dat")
    if not form:
        return f"{noun.article} {word}"
    indefinite = (("unas" if female else "unos") if many else
                  ("una" if female and noun.article != "el" else "un"))  # fmt: skip
    plain = {
        "a": f"{indefinite} {word}", "bare": word, "my": f"mi{s} {word}", "my2": f"tu{s} {word}",
        "our": f"nuestr{one}{s} {word}", "is": "están" if many else "está",
        "be": "son" if many else "es",
        "has": "tienen" if many else "tiene", "may": "pueden" if many else "puede",
        "in": noun.place, "new": f"{indefinite} {word} nuev{one}{s}",
        "good": f"{indefinite} buen{'a' if female else ''} {word}",
    }  # fmt: skip
    return plain[form]


def _french(noun: Noun, form: str) -> str:
    word, many, female = noun.word, noun.plural, noun.gender == "f"
    form = form.removesuffix("acc").removesuffix("dat")
    if not form:
        return f"l'{word}" if noun.article == "l'" else f"{noun.article} {word}"
    vowel = noun.article == "l'" or word[0].lower() in _VOWEL
    own = "es" if many else "a" if female and not vowel else "on"
    indefinite = "des" if many else "une" if female else "un"
    new = "neuve" if female else "neuf"
    good = "bonne" if female else "bon"
    s = "s" if many else ""
    plain = {
        "a": f"{indefinite} {word}", "bare": word, "my": f"m{own} {word}", "my2": f"t{own} {word}",
        "our": f"n{'os' if many else 'otre'} {word}", "is": "sont" if many else "est",
        "be": "sont" if many else "est",
        "has": "ont" if many else "a", "may": "peuvent" if many else "peut", "in": noun.place,
        "new": f"{indefinite} {word} {new}{s}", "good": f"{indefinite} {good}{s} {word}",
    }  # fmt: skip
    return plain[form]


def _chinese(noun: Noun, _: str) -> str:
    return noun.word


_FORMS = {"en": _english, "de": _german, "es": _spanish, "fr": _french, "zh": _chinese}


def agreeing(language: str, adjective: str, noun: Noun) -> str:
    """An adjective, given as "masculine" or "masculine, feminine", in the noun's form."""
    male, _, female = adjective.partition(", ")
    if language == "es":
        words = male.split()
        at = len(words) - 1 if words[0] == "muy" else 0
        if words[0] in ("con", "sin"):
            return male
        word = words[at]
        if noun.gender == "f" and word.endswith("o"):
            word = word[:-1] + "a"
        if noun.plural:
            word += "s" if word[-1] in "aeo" else "es"
        words[at] = word
        return " ".join(words)
    if language == "fr":
        word = (female or male) if noun.gender == "f" else male
        return word + "s" if noun.plural and word[-1] not in "sx" and word != "bon marché" else word
    return male


_CONTRACTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "de": (
        (r"\b(in|an|von|bei|zu) dem\b", "{}m"), (r"\bzu der\b", "zur"), (r"\bin das\b", "ins"),
    ),
    "es": ((r"\bde el\b", "del"), (r"\ba el\b", "al"), (r"\by (?=hi|i)", "e ")),
    "fr": (
        (r"\bde le\b", "du"), (r"\bde les\b", "des"), (r"\bà le\b", "au"), (r"\bà les\b", "aux"),
        (r"\b([dD])e (?=[aeiouâàéèêîôœ]|h(?!a))", r"\1'"), (r"\bn'sont\b", "ne sont"),
        (r"\b([mM])e (?=[aeiouéè])", r"\1'"),
    ),
    "zh": ((r"太很", "太"), (r"没有很", "不"), (r"非常很", "非常")),
}  # fmt: skip
_GERMAN = {"in": "im", "an": "am", "von": "vom", "bei": "beim", "zu": "zum"}


def finished(language: str, text: str) -> str:
    """A sentence with its contractions, single spaces and a capital letter."""
    text = " ".join(text.split())
    for pattern, put in _CONTRACTIONS.get(language, ()):
        if put == "{}m":
            text = re.sub(pattern, lambda m: _GERMAN[m[1]], text)
        else:
            text = re.sub(pattern, put, text)
    text = re.sub(r" ([.,])", r"\1", text)
    at = next((i for i, c in enumerate(text) if c.isalpha()), 0)
    if text[at - 1 : at] in ("<", "⟦") and at:
        return text
    return text[:at] + text[at].upper() + text[at + 1 :]
