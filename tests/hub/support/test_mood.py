"""The support sees how a complaint sounds and what is wanted, by the words that are said."""

from __future__ import annotations

import pytest

from hub.support.mood import Intent, Mood, Sentiment, gravest, mood_of
from hub.support.support import summary
from hub.support.visit import Visit

CALM, ANNOYED, ANGRY = Sentiment.CALM, Sentiment.ANNOYED, Sentiment.ANGRY
WORRIED, PLEASED = Sentiment.WORRIED, Sentiment.PLEASED


@pytest.mark.parametrize(
    ("text", "language", "sentiment", "intent"),
    [
        ("the washing machine shows E18", "en", CALM, Intent.REPORT),
        ("the dishwasher is leaking", "en", CALM, Intent.REPORT),
        ("what does E03 on the coffee machine mean", "en", CALM, Intent.EXPLAIN),
        ("the robot is stuck, what should I do", "en", CALM, Intent.FIX),
        ("the vacuum keeps stopping under the sofa", "en", ANNOYED, Intent.REPORT),
        ("the lock is jammed again, how can I fix it", "en", ANNOYED, Intent.FIX),
        ("this stupid dishwasher is broken, I want my money back", "en", ANGRY, Intent.MONEY_BACK),
        ("I am fed up, send someone", "en", ANGRY, Intent.PERSON),
        ("there is smoke coming out of the dryer", "en", WORRIED, Intent.DANGER),
        ("is it safe to go on using it", "en", WORRIED, Intent.REPORT),
        ("that helped, thank you", "en", PLEASED, Intent.REPORT),
        ("die Waschmaschine zeigt E18", "de", CALM, Intent.REPORT),
        ("der Geschirrspüler ist schon wieder undicht", "de", ANNOYED, Intent.REPORT),
        ("dieses verdammte Ding, ich will einen Techniker", "de", ANGRY, Intent.PERSON),
        ("aus der Steckdose kommen Funken", "de", WORRIED, Intent.DANGER),
        ("warum blinkt die Wärmepumpe", "de", CALM, Intent.EXPLAIN),
    ],
)
def test_a_sentence_is_told_by_its_words(
    text: str, language: str, sentiment: Sentiment, intent: Intent
) -> None:
    assert mood_of(text, language) == Mood(sentiment, intent)


def test_a_language_without_words_has_no_mood() -> None:
    assert mood_of("la lavadora pierde agua", "es") is None


def test_the_gravest_of_all_that_was_said_counts() -> None:
    said = [Mood(CALM, Intent.DANGER), Mood(ANGRY, Intent.REPORT), Mood(PLEASED, Intent.FIX)]
    assert gravest(said) == Mood(ANGRY, Intent.DANGER)
    assert gravest([]) is None


def test_the_support_sees_it_with_each_line_and_over_all() -> None:
    lines = (
        ("person", "the washing machine shows E18"),
        ("house", "Clean the filter again!!"),  # the house has no mood
        ("person", "still broken, I am fed up"),
    )
    told = summary(Visit("Washer", "E18", "manual", (), "en", transcript=lines))
    assert (told["sentiment"], told["intent"]) == ("angry", "report")
    assert [line.get("sentiment") for line in told["transcript"]] == ["calm", None, "angry"]
