import pytest

from hub.pin import COMMONEST, PinError, hash_pin, matches, read_hash

LINE = hash_pin("2580")


def test_only_the_pin_matches_its_hash() -> None:
    known = read_hash(LINE)
    assert matches("2580", known)
    assert not matches("2581", known)
    assert not matches("1234' OR '1'='1", known)
    assert not matches("\ud800", known)


def test_the_hash_does_not_tell_the_pin_and_no_two_are_alike() -> None:
    assert "2580" not in LINE
    assert hash_pin("2580") != LINE


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "１２３４", "12 34"])
def test_a_pin_is_four_to_twelve_digits(pin: str) -> None:
    with pytest.raises(PinError, match="digits"):
        hash_pin(pin)


@pytest.mark.parametrize("pin", sorted(COMMONEST))
def test_the_commonest_pins_are_refused(pin: str) -> None:
    with pytest.raises(PinError, match="commonest"):
        hash_pin(pin)


@pytest.mark.parametrize(
    "line",
    ["", "2580", "scrypt:1:8:1:AAAA:AAAA", LINE.replace("scrypt", "sha256"), LINE[:-8], LINE + "=",
     LINE.replace(":16384:", ":16383:"), LINE.replace(":16384:", ":1073741824:"),
     LINE.replace(":8:1:", ":0:1:"), LINE.replace(":8:1:", ":8:x:")],
)  # fmt: skip
def test_what_is_no_hash_is_refused_without_repeating_it(line: str) -> None:
    with pytest.raises(PinError, match="hearthd pin") as caught:
        read_hash(line)
    assert not line or line not in str(caught.value)
