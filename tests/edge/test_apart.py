"""What a wish waits for is read apart from it."""

from dataclasses import replace

from edge.tasks.apart import rest_of, with_conditions
from edge.tasks.understand import load_understanding
from edge.tasks.understanding_schema import ClauseReading, Reading, Scored, Span


def reading(text: str, *wishes: tuple[str, str], waits: str = "") -> Reading:
    """A reading of `text`: each wish its words and its intent; `waits` is the condition."""
    clauses = []
    for said, intent in wishes:
        start = text.index(said)
        spans = [Span(start + said.index(w), start + said.index(w) + len(w), "condition", w, 1.0)
                 for w in [waits] if w and w in said]  # fmt: skip
        clauses.append(
            ClauseReading(start, start + len(said), said, (Scored(intent, 1.0),), {}, tuple(spans))
        )
    return Reading(text, 1.0, tuple(clauses), ())


def test_nothing_is_read_again_where_nothing_waits() -> None:
    assert rest_of(reading("close the blinds", ("close the blinds", "HassTurnOff"))) is None


def test_what_is_told_when_something_happens_is_not_read_without_it() -> None:
    text = "tell me when the dryer is done"
    assert rest_of(reading(text, (text, "HassBroadcast"), waits="when the dryer is done")) is None


def test_the_rest_keeps_its_place_in_the_sentence() -> None:
    for text in ("when I leave, close the blinds", "close the blinds when I leave."):
        waits = "when I leave"
        first = reading(text, (text, "HassTurnOn"), waits=waits)
        rest = rest_of(first)
        assert rest is not None and rest.text == "close the blinds"
        whole = with_conditions(first, rest, reading(rest.text, (rest.text, "HassTurnOff")))
        (clause,) = whole.clauses
        assert clause.intent == "HassTurnOff"
        assert [(s.slot, s.text) for s in clause.spans] == [("condition", waits)]
        assert text[clause.start : clause.end] == clause.text
        assert waits in clause.text and "close the blinds" in clause.text


def test_a_condition_between_two_wishes_stays_with_the_one_before_it() -> None:
    text = "close the blinds when I leave and lock the door"
    first = reading(text, (text, "HassTurnOn"), waits="when I leave")
    rest = rest_of(first)
    assert rest is not None and rest.text == "close the blinds and lock the door"
    again = reading(
        rest.text, ("close the blinds and", "HassTurnOff"), ("lock the door", "HassTurnOn")
    )
    blinds, door = with_conditions(first, rest, again).clauses
    assert [s.text for s in blinds.spans] == ["when I leave"]
    assert door.text == "lock the door" and not door.spans


def test_what_is_left_of_a_condition_that_was_cut_short_goes_back_to_it() -> None:
    text = "if the door is unlocked turn on the lamp"
    first = reading(text, (text, "HassTurnOn"), waits="if the door is")
    rest = rest_of(first)
    assert rest is not None and rest.text == "unlocked turn on the lamp"
    again = reading(rest.text, ("unlocked", "HassTurnOff"), ("turn on the lamp", "HassTurnOn"))
    lamp = replace(again.clauses[1], spans=(Span(21, 25, "name", "lamp", 1.0),))
    whole = with_conditions(first, rest, replace(again, clauses=(again.clauses[0], lamp)))
    (clause,) = whole.clauses
    assert [s.text for s in clause.spans] == ["if the door is unlocked", "lamp"]


def test_a_condition_behind_the_wish_goes_on_to_the_end_of_the_sentence() -> None:
    text = "turn on the porch light when the hall light turns off."
    first = reading(text, (text, "HassTurnOn"), waits="when the hall light")
    named = Span(12, 23, "name", "porch light", 1.0)
    (clause,) = first.clauses
    first = replace(first, clauses=(replace(clause, spans=(named, *clause.spans)),))
    rest = rest_of(first)
    assert rest is not None and rest.text == "turn on the porch light"
    assert [s.text for s in rest.conditions] == ["when the hall light turns off"]


def test_the_first_reading_stands_where_the_rest_is_no_wish() -> None:
    text = "no unless it rains"
    first = reading(text, (text, "HassTurnOn"), waits="unless it rains")
    rest = rest_of(first)
    assert rest is not None
    assert with_conditions(first, rest, reading(rest.text, ("no", "HassNevermind"))) is first


def test_the_shipped_model_reads_a_wish_without_what_it_waits_for() -> None:
    model = load_understanding()
    for text in ("lock the back door when everyone has left.", "如果下雨就关上窗户"):
        (clause,) = model.read_sync(text).clauses
        assert [s.slot for s in clause.spans].count("condition") == 1
        for span in clause.spans:
            assert text[span.start : span.end] == span.text
