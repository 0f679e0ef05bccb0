"""Small models that are trained on the spot."""

import random
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import MarianConfig, MarianMTModel


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Small models gain nothing from more, and threads that wait for each other spin."""
    torch.set_num_threads(1)


THINGS = {
    "lamp": "Lampe",
    "fan": "Lüfter",
    "radio": "Radio",
    "heater": "Heizung",
    "tv": "Fernseher",
}
PLACES = {"kitchen": "Küche", "bedroom": "Schlafzimmer", "garage": "Garage", "hall": "Flur"}
WISHES = {
    "turn on the {thing} in the {place}": "schalte {thing} in {place} ein",
    "turn off the {thing} in the {place}": "schalte {thing} in {place} aus",
    "is the {thing} in the {place} on": "ist {thing} in {place} an",
    "where is the {thing}": "wo ist {thing}",
}


def pairs() -> list[tuple[str, str]]:
    return sorted(
        {
            (en.format(thing=a, place=c), de.format(thing=b, place=d))
            for en, de in WISHES.items()
            for a, b in THINGS.items()
            for c, d in PLACES.items()
        }
    )


@pytest.fixture(scope="session")
def marian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Marian checkpoint that translates the little language above."""
    folder = tmp_path_factory.mktemp("marian")
    words = sorted({word for pair in pairs() for text in pair for word in text.split()})
    vocabulary = {word: i for i, word in enumerate(["</s>", "<unk>", *words, "<pad>"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary), decoder_vocab_size=len(vocabulary), d_model=64,
        encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=128, decoder_ffn_dim=128, max_position_embeddings=64, pad_token_id=pad,
        eos_token_id=0, decoder_start_token_id=pad, dropout=0.0, activation_function="swish",
        scale_embedding=True, forced_eos_token_id=0,
    )  # fmt: skip
    torch.manual_seed(1)
    model = MarianMTModel(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    rng = random.Random(2)
    rows = [([*tokenizer.encode(a).ids, 0], [*tokenizer.encode(b).ids, 0]) for a, b in pairs()]
    for _ in range(420):
        batch = rng.sample(rows, 40)
        source = _padded([a for a, _ in batch], pad)
        target = _padded([b for _, b in batch], pad)
        start = torch.full((len(batch), 1), pad)
        out = model(
            input_ids=source, attention_mask=(source != pad).long(),
            decoder_input_ids=torch.cat([start, target[:, :-1]], 1),
        )  # fmt: skip
        loss = torch.nn.functional.cross_entropy(
            out.logits.flatten(0, 1), target.flatten(), ignore_index=pad
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _padded(rows: list[list[int]], pad: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "sources.txt"
    path.write_text("\n".join(source for source, _ in pairs()), "utf-8")
    return path
