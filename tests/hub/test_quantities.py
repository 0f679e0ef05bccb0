import pytest

from hub.languages import lexicon
from hub.quantities import Unit, amount, colour, duration, number

EN = lexicon("en")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("50", 50), ("twenty one point five", 21.5), ("minus five", -5), ("a hundred", 100),
        ("one hundred and twenty", 120), ("1,5", 1.5), ("ten", 10), ("a couple", 2),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(said: str, value: float) -> None:
    assert number(said, EN) == value


def test_a_number_may_say_its_half_in_one_word() -> None:
    assert number("einundzwanzigeinhalb", lexicon("de")) == 21.5


@pytest.mark.parametrize("said", ["kitchen", "", "one two kitchen"])
def test_what_is_no_number_is_none(said: str) -> None:
    assert number(said, EN) is None


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("50%", 50, Unit.PERCENT), ("fifty percent", 50, Unit.PERCENT), ("half", 50, Unit.PERCENT),
        ("a quarter", 25, Unit.PERCENT), ("max", 100, Unit.PERCENT), ("21 degrees", 21, Unit.DEGREES),
        ("72 °F", 72, Unit.FAHRENHEIT), ("2700k", 2700, Unit.KELVIN), ("three out of ten", 30, Unit.PERCENT),
    ],
)  # fmt: skip
def test_amounts_with_their_unit(said: str, value: float, unit: Unit) -> None:
    found = amount(said, EN)
    assert found is not None
    assert (found.value, found.unit) == (value, unit)


def test_an_absurd_exponent_is_not_read_as_its_first_digit() -> None:
    found = amount("1e308 percent", EN)
    assert found is not None
    assert found.value > 100


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("1 hour 5 minutes", {"hours": 1, "minutes": 5}),
        ("half an hour", {"minutes": 30}),
        ("5 and a half minutes", {"minutes": 5, "seconds": 30}),
        ("an hour and a quarter", {"hours": 1, "minutes": 15}),
        ("90 seconds", {"seconds": 90}),
        ("5-minute", {"minutes": 5}),
        ("a couple of minutes", {"minutes": 2}),
        ("dinner", None),
    ],
)
def test_durations_are_kept_as_they_were_said(said: str, parts: dict[str, int] | None) -> None:
    assert duration(said, EN) == parts


def test_colours_are_names_or_temperatures() -> None:
    assert colour("sky blue", EN) and colour("sky blue", EN).name == "sky blue"  # type: ignore[union-attr]
    assert colour("candle light", EN) and colour("candle light", EN).kelvin == 1900  # type: ignore[union-attr]
    assert colour("2700 kelvin", EN).kelvin == 2700  # type: ignore[union-attr]
    assert colour("something nice", EN) is None


@pytest.mark.parametrize(
    ("language", "said", "parts"),
    [
        ("cs", "dvouhodinový", {"hours": 2}), ("cs", "jednu hodinu", {"hours": 1}),
        ("sk", "päťminútový", {"minutes": 5}), ("sk", "dvoj hodín", {"hours": 2}),
        ("ru", "двухчасовой", {"hours": 2}), ("uk", "двогодинний", {"hours": 2}),
        ("hu", "tízperces", {"minutes": 10}), ("sv", "femminuters", {"minutes": 5}),
        ("de", "fünfminütigen", {"minutes": 5}), ("zh-CN", "23钟头", {"hours": 23}),
    ],
)  # fmt: skip
def test_a_length_may_be_one_word_and_its_number_in_any_case(
    language: str, said: str, parts: dict[str, int]
) -> None:
    assert duration(said, lexicon(language)) == parts


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [
        ("en", "twnety percent", 20), ("en", "fourty percent", 40), ("de", "achtzich prozent", 80),
        ("it", "ventidu gradi", 22), ("en", "bananas percent", None), ("en", "ten persent", 10),
    ],
)  # fmt: skip
def test_a_number_with_slips_is_known_beside_its_unit(
    language: str, said: str, value: float | None
) -> None:
    found = amount(said, lexicon(language))
    assert (found.value if found else None) == value


def test_tens_and_units_may_be_said_apart() -> None:
    assert number("veinte y dos", lexicon("es")) == 22
