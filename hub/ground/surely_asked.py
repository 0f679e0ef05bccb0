"""Questions that are surely for us, whatever the model thinks of them: by their words."""

from __future__ import annotations

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Scored
from hub.ground.context import Context
from hub.ground.index import words_of
from hub.ground.questions import ground_state_question
from hub.ground.results import Grounded
from hub.ground.whereabouts import person_asked_for, whereabouts
from hub.languages import plain


def surely_asked(reading: Reading, home: Home, context: Context) -> Grounded | None:
    """The answer to where somebody of this home is, who is at home, or whose song it is that plays;
    None where nothing of that is asked."""
    if found := person_asked_for(reading.text, home, context):
        return found
    said, words = plain(reading.text).strip(" .,!?"), context.words
    if words.fits("asks_who_is_home", said) and words_of(home).by_domain.get("person"):
        return whereabouts(_asking(reading, "person"), home, context)
    if not words.has("song", said) or len(said.split()) > _FEW_WORDS:
        return None
    if words.find("aspect", said) == "artist":
        players = words_of(home).by_domain.get("media_player", ())
        if any(home.state(player.id).state == "playing" for player in players):
            return ground_state_question(_asking(reading, "media_player"), home, context)
    return None


def _asking(reading: Reading, domain: str) -> ClauseReading:
    """The sentence as one question about a kind of thing, with what was read in it."""
    spans = tuple(span for clause in reading.clauses for span in clause.spans)
    attributes = {"question": "value", "domain": domain, "device_class": NONE, "scope": NONE,
                  "direction": NONE}  # fmt: skip
    scored = {key: Scored(label, 1.0) for key, label in attributes.items()}
    intent = (Scored("HassGetState", 1.0),)
    return ClauseReading(0, len(reading.text), reading.text, intent, scored, spans)


_FEW_WORDS = 8
