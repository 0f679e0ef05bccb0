"""Takes a PIN out of a sentence, before the sentence is read, written down or repeated.

"yes, one two three four", "unlock the front door, the PIN is 1234", "1234". Digits and English
number words; what is an amount ("2700 kelvin", "to 4000") stays where it is.
"""

from __future__ import annotations

import re

from hub.pin import LONGEST, SHORTEST

_ONES = "zero one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {
    **{word: str(n) for n, word in enumerate(_ONES)}, "oh": "0",
    **{word: str(n) for n, word in enumerate(_TEENS, start=10)},
    **{word: str(n) for n, word in enumerate(_TENS, start=2)},
}  # fmt: skip
"""A ten is kept as its first digit: "thirty four" is 34, "thirty" alone 30."""
_NUMBER = rf"(?:\d+|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_RUN = rf"{_NUMBER}(?:[\s,.-]+{_NUMBER})*"
_NAMED = re.compile(
    rf"[\s,;.:]*\b(?:(?:and|with|using|by)\s+)?(?:(?:the|my|our)\s+)?"
    rf"(?:pin|passcode|code|password)(?:\s+(?:code|number))?(?:\s+is|\s*[:=])?\s*({_RUN})\b\W*",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:^|[\s,;.:]+)(?:with\s+|using\s+)?({_RUN})\s*[.!]*$", re.IGNORECASE)
_ASKS_FOR_A_PIN = re.compile(
    r"\b(unlock|unlatch|open|disarm|unarm|deactivate|yes|yeah|yep|sure|ok|okay|confirm|go ahead|"
    r"do it|please|it's|its|it is)\b",
    re.IGNORECASE,
)
_AN_AMOUNT_FOLLOWS = re.compile(r"\b(to|at|for|of|in|by|channel|number)\s*$", re.IGNORECASE)


def take_out(text: str) -> tuple[str, str | None]:
    """The sentence without the PIN, and the PIN; the sentence as it is where there is none."""
    found = _NAMED.search(text)
    if found is None:
        found = _BARE.search(text)
        if found is None:
            return text, None
        before = text[: found.start()]
        alone = not before.strip()
        if not alone and (not _ASKS_FOR_A_PIN.search(before) or _AN_AMOUNT_FOLLOWS.search(before)):
            return text, None
    pin = _digits(found.group(1))
    if not SHORTEST <= len(pin) <= LONGEST and found.re is _BARE:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return " ".join(rest.split()), pin


def _digits(run: str) -> str:
    words = re.findall(rf"{_NUMBER}", run.lower())
    digits = ""
    for place, word in enumerate(words):
        digits += _WORDS.get(word, word)
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in _TENS and following not in _ONES[1:]:
            digits += "0"
    return digits
