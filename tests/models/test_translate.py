"""The household translator's sentences: parallel, agreeing, and kept apart from the held-out."""

import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from edge.artefact import load_artefact, shipped
from edge.tasks.translate import Translator
from export.block_int8 import rows_in_int8
from models.translate import score
from models.translate.corpus import DIRECTIONS, Speaker, choose, held_out, pairs, tables
from models.translate.forms import LANGUAGES, agreeing, finished, read_noun
from models.translate.restored import restore
from models.translate.tokens import SIGNS, train_tokenizer
from models.translate.train import Recipe, new_model, rounded
from models.translate.verbs import read_verbs

DATA = Path(__file__).parents[2] / "models/translate/data"


def test_the_same_seed_makes_the_same_pairs() -> None:
    assert list(pairs(200, 3)) == list(pairs(200, 3))
    assert list(pairs(200, 3)) != list(pairs(200, 4))


def test_every_template_can_be_said_in_every_language() -> None:
    rng = random.Random(1)
    for _ in range(4000):
        choice = choose(rng)
        for language in LANGUAGES:
            said = Speaker(choice, language, rng).say()
            assert said and "{" not in said and "  " not in said


def test_what_is_held_out_is_never_trained_on() -> None:
    rng = random.Random(2)
    keys = {choose(rng).key for _ in range(8000)}
    apart = {key for key in keys if held_out(key)}
    assert 0.02 < len(apart) / len(keys) < 0.06
    kept = {pair.target for pair in pairs(500, 1, held=True, rough=False)}
    assert len(kept) > 50


def test_numbers_and_names_are_the_same_placeholders_on_both_sides() -> None:
    for pair in pairs(3000, 5):
        for mark in ("<n1>", "<x1>", "<n2>", "<x2>"):
            assert (mark in pair.source) == (mark in pair.target)


def test_there_are_hundreds_of_words_and_thousands_of_combinations() -> None:
    found = tables()
    words = {
        row["en"][0] for rows in (*found.nouns.values(), *found.words.values()) for row in rows
    }
    assert len(words) >= 300
    assert len(found.verbs) * len(found.frames) >= 4000


def test_each_direction_comes_as_often() -> None:
    made = [(pair.source_language, pair.target_language) for pair in pairs(80, 1)]
    assert {made.count(direction) for direction in DIRECTIONS} == {10}


@pytest.mark.parametrize(
    ("language", "noun", "form", "wanted"),
    [
        ("de", "der Flur", "acc", "den Flur"),
        ("de", "die Fenster/p", "dat", "den Fenstern"),
        ("de", "die Tür", "my", "meine Tür"),
        ("es", "el agua/f", "", "el agua"),
        ("es", "las llaves", "my", "mis llaves"),
        ("fr", "l'enceinte/f", "my", "mon enceinte"),
        ("fr", "la porte", "a", "une porte"),
        ("en", "oven", "a", "an oven"),
    ],
)
def test_nouns_take_the_form_that_is_asked_for(
    language: str, noun: str, form: str, wanted: str
) -> None:
    assert read_noun(language, noun).form(form) == wanted


def test_adjectives_agree() -> None:
    assert agreeing("es", "abierto", read_noun("es", "las ventanas")) == "abiertas"
    assert agreeing("fr", "ouvert, ouverte", read_noun("fr", "les fenêtres/f")) == "ouvertes"


def test_articles_contract() -> None:
    assert finished("es", "la luz de el pasillo") == "La luz del pasillo"
    assert finished("fr", "je dois parler à le voisin de éteindre") == (
        "Je dois parler au voisin d'éteindre"
    )
    assert finished("de", "ich bin in dem Haus") == "Ich bin im Haus"


def test_german_verbs_part_where_they_must() -> None:
    (verb,) = read_verbs(
        "turn off {o}, turned, turning | aus·schalten, schalte, ausgeschaltet"
        " | apagar, apaga, apague, apagado | éteindre, éteins, éteignez, éteint | 关掉"
    )["de"]
    light = {"": "das Licht", "acc": "das Licht", "dat": "dem Licht"}
    assert verb.say("imp", light) == "schalte das Licht aus"
    assert verb.say("imp", light, "morgen") == "schalte das Licht morgen aus"
    assert verb.say("zu", light) == "das Licht auszuschalten"


def test_the_vocabulary_keeps_placeholders_and_signs() -> None:
    made = list(pairs(3000, 2))
    tokenizer = train_tokenizer((text for p in made for text in (p.source, p.target)), 1500)
    text = "Our landlord is called <x1>."
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert tokenizer.encode(f"{SIGNS['de']} hello").tokens[0] == SIGNS["de"]


def test_the_hand_written_sentences_are_complete() -> None:
    lines = (DATA / "held.tsv").read_text("utf-8").splitlines()
    assert lines[0].split("\t") == list(LANGUAGES)
    assert len(lines) > 100 and all(len(line.split("\t")) == 5 for line in lines)


@pytest.mark.parametrize("direction", range(len(DIRECTIONS)))
def test_the_shipped_artefact_says_what_pytorch_says_on_the_same_weights(direction: int) -> None:
    translator = Translator(load_artefact(shipped("translate")))
    one = score.hand_written()[direction]
    beside = score._torch(restore(shipped("translate")), translator)(one.texts[:25], one.target)
    assert beside == [translator.translate_sync(t, one.target).text for t in one.texts[:25]]


def test_what_training_ends_with_is_stored_without_loss() -> None:
    small = Recipe(width=32, encoder_layers=1, decoder_layers=1, heads=2, feed_forward=64)
    model = rounded(new_model(small, 120))
    for weight in (model.lm_head.weight, model.model.decoder.layers[0].fc1.weight):
        rows = weight.detach().numpy()
        stored, scale = rows_in_int8(rows)
        assert abs(stored * scale - rows).max() <= 1e-6 * abs(rows).max()
