"""The reference Transformer: right by the numbers, learns what it must, and resumes exactly."""

import csv
import json
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from models.transformer.model import (
    Config,
    DecoderLayer,
    EncoderLayer,
    MultiHeadAttention,
    Transformer,
)
from models.transformer.tasks import classification_metrics
from models.transformer.texts import DataError, augmented, clean, read_examples, split
from models.transformer.train import Recipe, train

SIZES = Config(vocabulary=50, d_model=32, heads=4, layers=3, d_ff=64, positions=40, dropout=0.0)


def _copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    theirs.in_proj_weight.data = torch.cat([ours.q.weight, ours.k.weight, ours.v.weight])
    theirs.in_proj_bias.data = torch.cat([ours.q.bias, ours.k.bias, ours.v.bias])
    theirs.out_proj.load_state_dict(ours.out.state_dict())


def _copy_rest(ours: EncoderLayer | DecoderLayer, theirs: nn.Module, norms: int) -> None:
    theirs.get_submodule("linear1").load_state_dict(ours.feed_forward.inner.state_dict())
    theirs.get_submodule("linear2").load_state_dict(ours.feed_forward.outer.state_dict())
    for number in range(1, norms + 1):
        state = ours.get_submodule(f"norm_{number}").state_dict()
        theirs.get_submodule(f"norm{number}").load_state_dict(state)


def _torch_twin(ours: Transformer) -> nn.Transformer:
    c = ours.config
    layer = nn.TransformerEncoderLayer(c.d_model, c.heads, c.d_ff, 0.0, batch_first=True)
    outer = nn.TransformerDecoderLayer(c.d_model, c.heads, c.d_ff, 0.0, batch_first=True)
    encoder = nn.TransformerEncoder(layer, c.layers, enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(outer, c.layers)
    twin = nn.Transformer(  # sets all weights anew, so it comes before the copying
        c.d_model, c.heads, custom_encoder=encoder, custom_decoder=decoder, batch_first=True
    )
    for mine, other in zip(ours.encoder, encoder.layers, strict=True):
        assert isinstance(mine, EncoderLayer)
        _copy_attention(mine.attention, other.get_submodule("self_attn"))
        _copy_rest(mine, other, 2)
    for mine, other in zip(ours.decoder, decoder.layers, strict=True):
        assert isinstance(mine, DecoderLayer)
        _copy_attention(mine.attention, other.get_submodule("self_attn"))
        _copy_attention(mine.cross_attention, other.get_submodule("multihead_attn"))
        _copy_rest(mine, other, 3)
    return twin.train()  # not the fused path of inference


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(3, 50, (4, 11), generator=generator)
    target = torch.randint(3, 50, (4, 7), generator=generator)
    source[1, 6:] = 0
    target[2, 4:] = 0
    return source, target


@pytest.mark.filterwarnings("ignore")
def test_encoder_decoder_and_both_attentions_are_those_of_torch(
    batch: tuple[Tensor, Tensor],
) -> None:
    torch.manual_seed(3)
    ours = Transformer(SIZES)
    theirs = _torch_twin(ours)
    source, target = batch
    memory, _ = ours.encode(source)
    logits, _ = ours.decode(target, memory, source)
    causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1]).isinf()
    theirs_memory = theirs.encoder(ours.embed(source), src_key_padding_mask=source == 0)
    theirs_out = theirs.decoder(
        ours.embed(target), theirs_memory, tgt_mask=causal,
        tgt_key_padding_mask=target == 0, memory_key_padding_mask=source == 0,
    )  # fmt: skip
    seen, said = source != 0, target != 0
    assert torch.allclose(memory[seen], theirs_memory[seen], atol=1e-5)
    expected = theirs_out @ ours.embedding.weight.T
    assert torch.allclose(logits[said], expected[said], atol=1e-4)


def test_no_token_sees_the_future(batch: tuple[Tensor, Tensor]) -> None:
    model = Transformer(SIZES).eval()
    target = batch[1]
    changed = target.clone()
    changed[:, 5] = 9
    before, after = model.decode(target)[0], model.decode(changed)[0]
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5], after[:, 5])


def test_padding_changes_nothing(batch: tuple[Tensor, Tensor]) -> None:
    model = Transformer(SIZES).eval()
    short = batch[0][1:2, :6]
    assert torch.allclose(model.classify(batch[0])[1], model.classify(short)[0], atol=1e-5)


def news(path: Path, count: int) -> Path:
    """Texts on two topics that share most of their words."""
    rng = random.Random(5)
    words = {
        "sport": "match goal team coach season league player score final cup".split(),
        "markets": "shares bank profit price investors rates trade growth bonds sales".split(),
    }
    common = "the a new said on monday after its first big report year week in of and to".split()
    with path.open("w", encoding="utf-8") as lines:
        for _ in range(count):
            label = rng.choice(sorted(words))
            text = [rng.choice(common) for _ in range(12)] + rng.sample(words[label], 3)
            text += rng.sample(words["sport" if label == "markets" else "markets"], 1)
            rng.shuffle(text)
            lines.write(json.dumps({"text": " ".join(text), "label": label}) + "\n")
    return path


def small(task: str, data: Path, **changes: object) -> Recipe:
    sizes: dict[str, object] = {
        "d_model": 64, "d_ff": 128, "heads": 4, "layers": 2, "positions": 32, "vocabulary": 400,
        "dropout": 0.0, "batch": 64, "warmup": 40, "patience": 50, "learning_rate": 3e-3,
    }  # fmt: skip
    return Recipe(task=task, data=str(data), **(sizes | changes))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore")
def test_two_topics_are_told_apart(tmp_path: Path) -> None:
    recipe = small("classify", news(tmp_path / "news.jsonl", 2000), epochs=4)
    metrics = train(recipe, tmp_path / "run")
    assert metrics["f1"] >= 0.95
    assert sum(map(sum, metrics["confusion"])) == metrics["held_out"]
    rows = list(csv.DictReader((tmp_path / "run" / "loss.csv").open()))
    assert float(rows[-1]["training"]) < float(rows[0]["training"])
    assert (tmp_path / "run" / "loss.png").read_bytes().startswith(b"\x89PNG")


def reversal(path: Path, count: int) -> Path:
    """Sequences of letters, and the same from behind."""
    rng = random.Random(6)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("source", "target"))
        for _ in range(count):
            letters = [rng.choice("bcdfghklmn") for _ in range(rng.randint(3, 7))]
            writer.writerow((" ".join(letters), " ".join(reversed(letters))))
    return path


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
def test_reversal_is_learned(tmp_path: Path) -> None:
    recipe = small("translate", reversal(tmp_path / "pairs.csv", 6000), epochs=14, vocabulary=300)
    assert train(recipe, tmp_path / "run")["same"] >= 0.99


def test_a_run_that_was_stopped_ends_with_the_same_weights(tmp_path: Path) -> None:
    recipe = small(
        "classify", news(tmp_path / "news.jsonl", 160), epochs=2, batch=16, dropout=0.2,
        augment=0.1, checkpoint_steps=1, layers=1,
    )  # fmt: skip
    train(recipe, tmp_path / "whole")
    stop = random.Random(9).randint(2, 16)
    train(recipe, tmp_path / "parts", stop_after=stop)
    torch.manual_seed(99)  # whatever the process did in between
    train(recipe, tmp_path / "parts")
    whole = load_file(tmp_path / "whole" / "model.safetensors")
    parts = load_file(tmp_path / "parts" / "model.safetensors")
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_what_was_learned_from_plain_text_starts_a_task(tmp_path: Path) -> None:
    data = news(tmp_path / "news.jsonl", 100)
    texts = [json.loads(line)["text"] for line in data.read_text("utf-8").splitlines()]
    (tmp_path / "plain.txt").write_text("\n".join(texts), "utf-8")
    before = train(small("generate", tmp_path / "plain.txt", epochs=1), tmp_path / "plain")
    assert before["perplexity"] > 1 and len(before["samples"]) == 3
    recipe = small("classify", data, epochs=1, start_from=str(tmp_path / "plain"))
    train(recipe, tmp_path / "task", stop_after=0)
    assert (tmp_path / "task" / "tokenizer.json").read_bytes() == (
        tmp_path / "plain" / "tokenizer.json"
    ).read_bytes()
    assert train(recipe, tmp_path / "task")["accuracy"] > 0


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", '{"text": "a"}\n{"text": "b"}\n', "row 1: KeyError"),
        ("a.jsonl", '{"text": "a", "label": "x"}\nnot json\n', "row 2"),
        ("a.csv", "text,other\na,b\n", "row 1"),
        ("a.txt", "only one\n", "fewer than two"),
        ("a.pdf", "", "not .jsonl, .csv or .txt"),
    ],
)
def test_a_file_that_cannot_be_learned_from_is_refused(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DataError, match=why):
        read_examples(tmp_path / name, ("text", "label"))


def test_texts_are_cleaned_split_and_varied() -> None:
    assert clean("  a\u0000b\n c  ") == "a b c"
    rng = random.Random(1)
    assert augmented("one", rng, 1.0) == "one"
    assert set(augmented("a b c d e f", rng, 0.3).split()) <= set("abcdef")
    from models.transformer.texts import Example

    examples = [Example(str(n)) for n in range(50)]
    learn, held = split(examples, 7)
    assert len(held) == 5 and not set(learn) & set(held)


def test_metrics_are_those_of_the_field() -> None:
    found = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ("a", "b"))
    assert found["accuracy"] == 0.75
    assert found["precision"] == pytest.approx((0.5 + 1.0) / 2)
    assert found["recall"] == pytest.approx((1.0 + 2 / 3) / 2)
    assert found["confusion"] == [[1, 0], [1, 2]]
