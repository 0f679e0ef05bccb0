import numpy as np
import pytest

from models.nlu.calibrate import ALLOWED, SPARED, refusal

SURE = np.full(1000, 0.9999)


def talk(accepted_below: float) -> np.ndarray:
    """Other talk, evenly spread up to a probability."""
    return np.linspace(0.0, accepted_below, 1000)


def test_the_lowest_threshold_that_accepts_few_enough_is_chosen() -> None:
    found = refusal(SURE, talk(0.8))
    assert found.others_accepted <= ALLOWED
    assert 0.79 < found.threshold < 0.81
    assert found.ours_refused == 0


def test_a_language_that_lets_more_talk_through_gets_a_higher_threshold() -> None:
    by_language = {"de": talk(0.95), "fr": talk(0.5)}
    found = refusal(SURE, talk(0.8), {"de": SURE, "fr": SURE}, by_language)
    assert set(found.thresholds) == {"de"}
    assert (by_language["de"] >= found.thresholds["de"]).mean() <= ALLOWED


def test_a_language_keeps_its_commands_whatever_else_it_lets_through() -> None:
    commands = np.linspace(0.85, 1.0, 1000)
    found = refusal(SURE, talk(0.8), {"de": commands}, {"de": talk(0.99)})
    assert (commands < found.thresholds["de"]).mean() == pytest.approx(SPARED, abs=0.002)


def test_where_all_talk_sounds_like_commands_the_strictest_threshold_is_chosen() -> None:
    assert refusal(SURE, np.ones(100)).threshold > 0.999
