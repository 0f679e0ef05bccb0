import pytest

from hub.languages import lexicon
from hub.lengths import lengths_in


@pytest.mark.parametrize(
    ("language", "said", "lengths"),
    [
        ("en", "add 5 minutes to the 2 hour timer", [{"minutes": 5}, {"hours": 2}]),
        ("en", "cancel it", []),
        ("es", "añadir 1 hora y media al temporizador", [{"hours": 1, "minutes": 30}]),
        ("de", "Timer um fünfeinhalb Minuten verkürzen", [{"seconds": 330}]),
        ("de", "verlängere den Timer für 1 Stunde um 30 Sekunden", [{"hours": 1}, {"seconds": 30}]),
        ("ca", "treu al temporitzador 1 hora i 5 minuts", [{"hours": 1, "minutes": 5}]),
        ("ru", "убери 1 час у 90-секундного таймера", [{"hours": 1}, {"seconds": 90}]),
        ("fi", "lisää 5 minuuttia 1 tunnin ajastimeen", [{"minutes": 5}, {"hours": 1}]),
    ],
)
def test_every_length_of_a_sentence_is_found(
    language: str, said: str, lengths: list[dict[str, int]]
) -> None:
    found = lengths_in(said, lexicon(language))
    assert [dict(length.parts) for length in found] == lengths


def test_a_length_knows_where_it_stands() -> None:
    text = "add 5 minutes to the 2 hour timer"
    assert [text[f.start : f.end] for f in lengths_in(text, lexicon("en"))] == [
        "5 minutes", "2 hour",
    ]  # fmt: skip
