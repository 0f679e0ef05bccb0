"""Whether a text holds the kind of fact that a question asks for: a duration, a weight, a reason.

The names are those of `expects` in `words/`. Amounts are written alike in the languages we know.
"""

from __future__ import annotations

import re
from functools import cache

from hub.languages import fold

_NUMBER = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|"
    r"half an?|an?|ein(?:e[nmrs]?)?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|zwolf|"
    r"una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce)"
)
_FROM = rf"{_NUMBER}(?:\s*(?:to|-|–|bis|a|or|und|and)\s*{_NUMBER})?\s*"


def _amount(units: str) -> str:
    return rf"(?<!\w){_FROM}(?:{units})(?!\w)"


_FORMS: dict[str, str] = {
    "duration": _amount(
        r"s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|"
        r"sekunden?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|"
        r"segundos?|minutos?|horas?|dias?|semanas?|mes|meses|anos?"
    ),
    "frequency": r"\b(every|daily|weekly|monthly|yearly|annually|once|twice|times|"
    r"after (each|every|(about |around |at most )?\d+)|regularly|as needed|when asked|"
    r"jede[nrsm]?|taglich|wochentlich|"
    r"monatlich|jahrlich|einmal|zweimal|mal|alle|nach jeder|cada|diari\w+|semanal\w*|"
    r"mensual\w*|anual\w*|veces|vez)\b",
    "temperature": rf"\d\s*°|{_amount('degrees?|grad|grados|celsius')}",
    "weight": _amount("kg|g|mg|t|kilos?|kilograms?|grams?|pounds?|lbs?|kilogramm|gramm|gramos"),
    "noise": r"\d\s*db\b",
    "length": _amount(
        "mm|cm|m|km|m2|sqm|metres?|meters?|centimet(?:re|er)s?|inch(?:es)?|feet|ft|square metres?|"
        "zentimeter|millimeter|metros?|centimetros?|milimetros?"
    ),
    "volume": _amount(
        "l|ml|cl|dl|litres?|liters?|millilit(?:re|er)s?|cups?|gallons?|litros?|mililitros?|kg|g|"
        "tassen|tazas"
    ),
    "power": _amount("w|kw|kwh|wh|v|a|ma|mah|watts?|volts?|amps?|amperes?|kilowatt hours?|"
                     "vatios|voltios|amperios|kilowattstunden"),
    "energy": _amount("kwh|wh|mwh|kilowatt ?hours?|watt ?hours?|kilowattstunden|kilovatios hora"),
    "energy_class": r"\bclass:?\s+[a-g]\+{0,3}(?!\w)",
    "origin": r"\b(made|manufactured|produced|assembled) in\b|hergestellt in|fabricad[oa] en|"
    r"\bmade by\b",
    "colour": r"\b(black|white|grey|gray|silver|red|green|blue|yellow|orange|brown|pink|purple|"
    r"violet|gold|beige|anthracite|transparent|schwarz\w*|weiss\w*|grau\w*|silber\w*|rot\w*|"
    r"grun\w*|blau\w*|gelb\w*|braun\w*|negr[oa]s?|blanc[oa]s?|gris(es)?|plat[ae]\w*|roj[oa]s?|"
    r"verdes?|azul(es)?|amarill[oa]s?|naranja|marron)\b",
    "bygone": r"(?!)",
    "pressure": _amount("bar|mbar|psi|pa|kpa|mpa"),
    "count": rf"(?<!\w){_NUMBER}(?!\w)",
    "time": r"\b\d{1,2}(:\d\d|\s*(am|pm|uhr|a\.m|p\.m))|\b(mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(mon|diens|donners|frei|sams|sonn)tag|\b(mittwoch|mittags?|morgens|abends|nachts)\b"
    r"|\b(lunes|martes|miercoles|jueves|viernes|sabado|domingo|mediodia|medianoche)\b"
    r"|\b(when|as soon as|after|before|sobald|nachdem|wenn|cuando|despues|antes)\b|\d\s*(min|h)",
    "price": r"[€$£]|\b(euros?|dollars?|pounds?|free of charge|kostenlos|gratis)\b",
    "speed": r"\d\s*(rpm|km/h|m/s|cm/s|u/min|mbit)",
    "contact": r"\d{3}[\s/-]?\d{3}|@|www\.|https?:|\.example\b|tel\.",
    "why": r"\b(because|due to|caused?|since|so that|otherwise|as it|reason|too \w+|blocked|dirty|"
    r"missing|empty|weil|da|wegen|durch|sonst|damit|zu \w+|ursache|porque|debido|para que|causa|"
    r"demasiado|falta)\b|:",
    "where": r"\b(in|on|at|under|below|behind|beside|inside|above|over|next to|between|left|right|"
    r"top|bottom|front|back|hinter|unter|uber|neben|auf|links|rechts|oben|unten|an der|im|am|en|"
    r"detras|debajo|encima|junto|izquierd\w+|derech\w+|sobre|entre)\b",
    "yesno": r"\b(yes|no|not|never|only|must|may|can|cannot|do|does|without|up to|possible|"
    r"suitable|works?|allowed|nein|ja|nicht|nie|niemals|kein\w*|nur|muss|darf|kann|durfen|konnen|moglich|"
    r"geeignet|si|nunca|solo|debe\w*|puede\w*|posible|apto)\b",
}  # fmt: skip


@cache
def _pattern(kind: str) -> re.Pattern[str] | None:
    form = _FORMS.get(kind)
    return re.compile(form) if form else None


_LIT = re.compile(
    r"\b(?:light|lights|lamp|led|ring|lit|blink|flash|glow|licht|lampe|leuchte|blinkt|leuchtet|luz|"
    r"lampara|parpadea|piloto)\w*"
)


def tells_of_lamps(text: str) -> bool:
    """Whether a text, as written, speaks of something that is lit."""
    return _LIT.search(fold(text)) is not None


def other_colour(question: str, text: str) -> bool:
    """Whether a text tells of lights in other colours than the one that is asked about: what yellow
    means does not say what green means. Both are as written."""
    asked, colours = fold(question), re.compile(_FORMS["colour"])
    if not tells_of_lamps(question):
        return False
    wanted = {match[0] for match in colours.finditer(asked)}
    told = {match[0] for match in colours.finditer(fold(text))}
    return bool(wanted and told) and not wanted & told


SHOWN = frozenset("weight noise temperature duration price pressure frequency contact".split())
"""Kinds whose unit says what is measured: kilograms are a weight, but metres may be a width, a
height or a distance."""

AMOUNTS = frozenset(
    "duration frequency temperature weight noise length volume power energy energy_class pressure "
    "count time price speed contact origin colour bygone".split()
)
"""Kinds that an answer must show: without a weight nothing says how heavy something is. No manual
shows what is bygone: when something last happened here."""


def holds(kind: str, text: str) -> bool:
    """Whether a text holds a fact of the kind; steps are known by their structure, not here."""
    pattern = _pattern(kind)
    return pattern is None or pattern.search(fold(text)) is not None


_DIMENSIONS = {
    re.compile(asked): re.compile(shown)
    for asked, shown in (
        (r"\bhow long is\b|\bwie lang ist\b", r"\b(length|long|lang|lange)\b"),
        (r"\bhow wide\b|\bwie breit\b", r"\b(wide|width|breit\w*|diameter|size)\b"),
        (r"\bhow (thick|deep)\b|\bwie (dick|tief)\b", r"\b(thick\w*|deep|depth|dick\w*|tief\w*)\b"),
        (r"\bhow tall\b", r"\b(tall|height|high|size)\b"),
    )
}


def other_dimension(question: str, text: str) -> bool:
    """Whether a length in running text is not the one that is asked for: a cable that is kept one
    metre away is not one metre long. Both are as written."""
    asked, said = fold(question), fold(text)
    return any(
        ask.search(asked) and holds("length", said) and not shown.search(said)
        for ask, shown in _DIMENSIONS.items()
    )


def counts(noun: str, text: str) -> bool:
    """Whether a text says how many of something there are: a number before the word, with no more
    than a word between, or the word as a label. `noun` is a stem."""
    folded = fold(text)
    word = re.escape(noun)
    return bool(
        re.search(rf"(?<!\w){_NUMBER}\s+(?:[\w-]+\s+){{0,2}}{word}", folded)
        or re.search(rf"{word}\w*[^.;]{{0,25}}:[^.;]*\d", folded)
        or re.search(rf"{word}\w*\s+(?:is|are|=)\s+{_NUMBER}", folded)
    )
