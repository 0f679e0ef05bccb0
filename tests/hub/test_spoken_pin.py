import pytest

from hub.spoken_pin import take_out


@pytest.mark.parametrize(
    ("said", "rest", "pin"),
    [
        ("yes, one two three four", "yes", "1234"),
        ("unlock the front door, the PIN is 2580", "unlock the front door", "2580"),
        ("unlock the front door with code 2 5 8 0", "unlock the front door", "2580"),
        ("disarm the alarm using pin 2580.", "disarm the alarm", "2580"),
        ("2580", "", "2580"),
        ("two five eight oh", "", "2580"),
        ("twenty five eighty", "", "2580"),
        ("yes 2580!", "yes", "2580"),
        ("my pin is twelve thirty four please", "please", "1234"),
        ("the password is 99", "", "99"),
        ("it's 2580", "it's", "2580"),
    ],
)
def test_a_pin_is_taken_out_of_the_sentence(said: str, rest: str, pin: str) -> None:
    assert take_out(said) == (rest, pin)


@pytest.mark.parametrize(
    "said",
    ["turn on the light", "set the lamp to 2700 kelvin", "set the lamp to 4000",
     "open the blinds to 50", "remind me in 1200 seconds", "play channel 1234", "turn it up to 11",
     "yes 12", "dim the light by twenty", "what happened in 1984", ""],
)  # fmt: skip
def test_an_amount_is_no_pin(said: str) -> None:
    assert take_out(said) == (said, None)
