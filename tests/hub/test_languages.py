import re
from datetime import datetime, timedelta

import pytest

from hub.ground.names import fit, tokens
from hub.languages import LANGUAGES, Choices, known, lexicon, phrase
from hub.languages.lexicon import GROUPS
from hub.quantities import amount, colour, duration, number
from hub.times import delay, moment

NOW = datetime(2026, 11, 23, 21, 0)  # a Monday

EVERYWHERE = ("hours", "minutes", "seconds", "half", "all", "yes", "last", "every", "pronoun")
"""Groups that no language can do without."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_every_phrase_with_the_same_values(language: str) -> None:
    english, own = lexicon("en").phrases, lexicon(language).phrases
    assert set(own) == set(english)
    for key, text in own.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key])), key
    assert set(lexicon(language).states) >= set(lexicon("en").states)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words_that_none_can_do_without(language: str) -> None:
    words = lexicon(language)
    assert set(GROUPS) <= set(words.groups)
    for group in EVERYWHERE:
        assert words.groups[group].pattern != "(?!)", group
    assert len(words.weekdays) == 7
    assert len(words.ordinals) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_what_opens_and_what_unlocks(language: str) -> None:
    words = lexicon(language).groups
    assert {"opening", "unlocking"} <= set(words)


def test_tags_find_the_table_of_their_language() -> None:
    assert [known(tag) for tag in ("de-AT", "pt_BR", "zh", "xx", None)] == [
        "de", "pt-BR", "zh-CN", None, None,
    ]  # fmt: skip
    assert lexicon("xx").language == "en"


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [
        ("de", "einundzwanzig", 21), ("de", "zwanzig Komma fünf", 20.5), ("fr", "quatre-vingt-dix", 90),
        ("es", "treinta y cinco", 35), ("it", "ventuno", 21), ("nl", "vijfentwintig", 25),
        ("pl", "dwadzieścia pięć", 25), ("ru", "двадцать пять", 25), ("fi", "viisikymmentä", 50),
        ("hu", "huszonöt", 25), ("tr", "yirmi beş", 25), ("zh-CN", "二十五", 25), ("ar", "خمسين", 50),
        ("cs", "padesát", 50), ("sv", "tjugofem", 25), ("da", "femogtyve", 25), ("pt", "vinte e cinco", 25),
    ],
)  # fmt: skip
def test_numbers_are_read_in_words(language: str, said: str, value: float) -> None:
    assert number(said, lexicon(language)) == value


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [
        ("de", "auf die Hälfte", 50), ("de", "höchste Stufe", 100), ("fr", "au maximum", 100),
        ("es", "a la mitad", 50), ("it", "al minimo", 1), ("nl", "de helft", 50), ("pl", "na połowę", 50),
        ("ru", "на максимум", 100), ("zh-CN", "百分之五十", 50), ("zh-CN", "最亮", 100),
        ("hu", "50%-ra", 50), ("fi", "puoleen", 50), ("tr", "yüzde elli", 50), ("ar", "50 بالمئة", 50),
        ("sv", "högsta", 100), ("da", "den højeste", 100), ("cs", "polovinu", 50),
    ],
)  # fmt: skip
def test_levels_are_read(language: str, said: str, value: float) -> None:
    found = amount(said, lexicon(language))
    assert found is not None and found.value == value


@pytest.mark.parametrize(
    ("language", "said", "parts"),
    [
        ("de", "anderthalb Stunden", {"minutes": 90}), ("de", "eine halbe Stunde", {"minutes": 30}),
        ("de", "fünfeinhalb Minuten", {"seconds": 330}), ("de", "eine Viertelstunde", {"minutes": 15}),
        ("fr", "un quart d'heure", {"minutes": 15}), ("es", "hora y media", {"hours": 1, "minutes": 30}),
        ("it", "mezz'ora", {"minutes": 30}), ("nl", "anderhalf uur", {"minutes": 90}),
        ("pl", "półtorej godziny", {"minutes": 90}), ("ru", "полчаса", {"minutes": 30}),
        ("uk", "5 хвилин та 30 секунд", {"minutes": 5, "seconds": 30}),
        ("fi", "5 minuutin ja 30 sekunnin", {"minutes": 5, "seconds": 30}),
        ("hu", "1 órára és 15 percre", {"hours": 1, "minutes": 15}), ("sv", "en kvart", {"minutes": 15}),
        ("tr", "yarım saat", {"minutes": 30}), ("ar", "ساعتين و 5 دقائق", {"hours": 2, "minutes": 5}),
        ("zh-CN", "一个半小时", {"hours": 1, "minutes": 30}), ("zh-CN", "5分钟30秒", {"minutes": 5, "seconds": 30}),
        ("cs", "čtvrt hodiny", {"minutes": 15}), ("bg", "1 час и половина", {"hours": 1, "minutes": 30}),
        ("de", "nach dem Essen", None), ("fr", "la cuisine", None),
    ],
)  # fmt: skip
def test_durations_are_read(language: str, said: str, parts: dict[str, int] | None) -> None:
    assert duration(said, lexicon(language)) == parts


@pytest.mark.parametrize(
    ("language", "said", "due", "repeat"),
    [
        ("de", "um halb sieben", (24, 6, 30), None),
        ("de", "um fünf vor halb sieben", (24, 6, 25), None),
        ("de", "morgen früh um acht", (24, 8, 0), None),
        ("de", "jeden Werktag um sieben", (24, 7, 0), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("de", "am Samstag um zehn", (28, 10, 0), None),
        ("fr", "demain à 18h30", (24, 18, 30), None),
        ("fr", "à sept heures et demie", (24, 7, 30), None),
        ("es", "a las siete y media de la tarde", (24, 19, 30), None),
        ("es", "mañana a las ocho", (24, 8, 0), None),
        ("it", "domani alle otto", (24, 8, 0), None),
        ("nl", "om kwart voor acht", (24, 7, 45), None),
        ("pl", "o wpół do siódmej", (24, 6, 30), None),
        ("pl", "jutro o 8", (24, 8, 0), None),
        ("ru", "в половине седьмого", (24, 6, 30), None),
        ("sv", "imorgon klockan åtta", (24, 8, 0), None),
        ("zh-CN", "明天早上七点半", (24, 7, 30), None),
        ("zh-CN", "每天晚上八点", (24, 20, 0), "FREQ=DAILY"),
    ],
)
def test_moments_are_read(
    language: str, said: str, due: tuple[int, int, int], repeat: str | None
) -> None:
    found = moment(said, NOW, lexicon(language))
    assert found is not None and found.due is not None
    assert (found.due.day, found.due.hour, found.due.minute) == due
    assert found.repeat == repeat


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "in zehn Minuten"), ("fr", "dans dix minutes"), ("es", "dentro de diez minutos"),
        ("it", "tra dieci minuti"), ("nl", "over tien minuten"), ("pl", "za dziesięć minut"),
        ("ru", "через десять минут"), ("fi", "kymmenen minuutin kuluttua"), ("hu", "tíz perc múlva"),
        ("tr", "on dakika sonra"), ("zh-CN", "十分钟后"), ("ar", "بعد 10 دقائق"), ("cs", "za deset minut"),
        ("da", "om ti minutter"), ("pt", "daqui a dez minutos"), ("ro", "peste zece minute"),
    ],
)  # fmt: skip
def test_delays_are_read(language: str, said: str) -> None:
    found = delay(said, NOW, lexicon(language))
    assert found is not None
    assert found[1] == {"minutes": 10}


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [
        ("de", "rotes", "red"), ("fr", "bleue", "blue"), ("es", "verdes", "green"), ("it", "rosso", "red"),
        ("pl", "czerwonym", "red"), ("ru", "красным", "red"), ("zh-CN", "红色", "red"), ("fi", "punaiseksi", "red"),
    ],
)  # fmt: skip
def test_colours_are_read_in_their_forms(language: str, said: str, name: str) -> None:
    found = colour(said, lexicon(language))
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("w kuchni", "Kuchnia"), ("keittiössä", "Keittiö"), ("konyhában", "Konyha"), ("köket", "Kök"),
        ("mutfaktaki", "Mutfak"), ("в гостиной", "Гостиная"), ("обновлённая", "Обновленная"),
        ("Küchenlampe", "Küchenlicht"), ("kuche licht", "Küchenlicht"), ("客厅的灯", "客厅灯"),
        ("الصالة", "صالة"), ("dell'ufficio", "Ufficio"), ("a TVt", "TV"), ("l'entrée", "Entrée"),
        ("Zenka", "Zenek"), ("pralce", "pralka"), ("Bartkowi", "Bartek"), ("第暖", "地暖"),
    ],
)  # fmt: skip
def test_names_are_found_in_the_forms_that_languages_give_them(said: str, written: str) -> None:
    assert fit(said, written) >= 0.8


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("卧室灯", "客厅灯"),
        ("sypialnia", "kuchnia"),
        ("спальня", "кухня"),
        ("Schlafzimmer", "Bad"),
        ("Zenka", "Franek"),
    ],
)
def test_other_names_are_not(said: str, written: str) -> None:
    assert fit(said, written) < 0.62


def test_names_in_any_script_have_words() -> None:
    assert tokens("Küchenlicht") == ("kuchen", "licht")
    assert tokens("客厅灯") == ("客", "厅", "灯")
    assert tokens("the") == ("the",)


def test_a_phrase_is_english_and_every_other_language() -> None:
    said = phrase("Which one: A or B?", "which_one", choices=Choices(("A", "B")))
    assert said == "Which one: A or B?"
    assert said.within("de") == "Welches: A oder B?"
    assert said.within("zh-CN") == "哪一个：A或B？"
    started = phrase("Timer started.", "timer_started", length=timedelta(minutes=65))
    assert " ".join(started.within("fr").split()) == "Minuteur lancé : 1 heure 5 minutes."
