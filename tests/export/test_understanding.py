"""A tiny model with random weights through all of training and export: minutes become seconds."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertModel

from edge.artefact import load_artefact, shipped
from edge.tasks.understand import UnderstandingModel as Runtime
from export.understanding import Naming, build_graph, export_understanding, verify
from models.nlu.batches import batches, encode
from models.nlu.data.dataset import Mixture
from models.nlu.data.own import OwnGrammar
from models.nlu.distil import distance, student
from models.nlu.model import UnderstandingModel
from models.nlu.train import Recipe, loss_of, mean

SENTENCES = ["turn on the light", "dim the lamp", "is the door open", "good morning"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base model folder: two small layers, and a vocabulary of letters and a few words."""
    folder = tmp_path / "base"
    grammar, rng = OwnGrammar("en"), random.Random(1)
    words = {w.text.lower() for _ in range(400) for w in grammar.sample(rng).words}
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789'%.,?!-")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    vocabulary = {p: i for i, p in enumerate(dict.fromkeys([*pieces, *sorted(words)]))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def tiny(base: Path) -> UnderstandingModel:
    torch.manual_seed(2)
    encoder = BertModel.from_pretrained(
        base, attn_implementation="sdpa", add_pooling_layer=False, dtype=torch.float32
    )
    return UnderstandingModel(encoder, dropout=0.0)


@pytest.mark.filterwarnings("ignore")
def test_the_loss_goes_down(base: Path) -> None:
    model = tiny(base)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    grammar, rng = OwnGrammar("en"), random.Random(3)
    rows = [encode(grammar.sample(rng), tokenizer) for _ in range(256)]
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(6):
        for batch in batches(rows, 32, 0, rng):
            loss = loss_of(model.scores(batch.input_ids, batch.attention_mask), batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.item())
    assert sum(losses[-8:]) < 0.8 * sum(losses[:8])


@pytest.mark.filterwarnings("ignore")
def test_a_checkpoint_becomes_a_verified_artefact_that_runs_without_torch(
    base: Path, tmp_path: Path
) -> None:
    model = tiny(base)
    model.for_us.bias.data.fill_(5.0)  # it takes all for meant: only then are intents compared
    checkpoint = tmp_path / "checkpoint.pt"
    torch.save({"model": model.state_dict()}, checkpoint)
    out = tmp_path / "understand"
    naming = Naming("understand", "0.0.1", "tiny.toml", ("nothing",))
    manifest, parity = export_understanding(
        checkpoint, Recipe({"only": ("en",)}, {"only": Mixture()}), out, naming, {}, SENTENCES
    )
    assert parity.intent_agreement >= 0.98
    assert set(manifest.files) == {"model.onnx", "tokenizer.json"}
    runtime = Runtime(load_artefact(out))
    assert runtime.read_sync("turn on the light").clauses


def spoken(base: Path) -> Tokenizer:
    return Tokenizer.from_file(str(base / "tokenizer.json"))


def test_int8_survives_a_dimension_that_is_a_hundred_times_larger(
    base: Path, tmp_path: Path
) -> None:
    model = tiny(base).eval()
    for module in model.encoder.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.bias.data[3] = 100.0
    tokenizer = spoken(base)
    graph = tmp_path / "int8.onnx"
    build_graph(model, [tokenizer.encode(text).ids for text in SENTENCES], graph)
    parity = verify(model, graph, tokenizer, SENTENCES)
    assert parity.tag_agreement == 1.0
    assert parity.for_us_mean_difference < 0.02


def test_the_words_of_a_short_sentence_read_alike_beside_a_long_one(
    base: Path, tmp_path: Path
) -> None:
    model, tokenizer = tiny(base).eval(), spoken(base)
    graph = tmp_path / "int8.onnx"
    build_graph(model, [tokenizer.encode(text).ids for text in SENTENCES], graph)
    session = onnxruntime.InferenceSession(str(graph))
    said = ("dim the lamp", "turn on the light in the kitchen and the lamp in the hall")
    short, long = (tokenizer.encode(text).ids for text in said)
    padded = np.zeros((2, len(long)), np.int64)
    padded[0, : len(short)], padded[1] = short, long
    alone = session.run(
        ["tags"],
        {k: np.array([short]) for k in ("input_ids",)}
        | {"attention_mask": np.ones((1, len(short)), np.int64)},
    )[0]
    together = session.run(
        ["tags"],
        {
            "input_ids": padded,
            "attention_mask": (np.arange(len(long)) < np.array([[len(short)], [len(long)]])).astype(
                np.int64
            ),
        },
    )[0]
    assert np.abs(alone[0] - together[0, : len(short)]).max() < 0.05


def a_run(base: Path, folder: Path, model: UnderstandingModel) -> Path:
    """A checkpoint with its architecture beside it, as a training leaves it."""
    folder.mkdir()
    shutil.copytree(base, folder / "base")
    torch.save({"model": model.state_dict()}, folder / "checkpoint.pt")
    return folder / "checkpoint.pt"


def test_a_student_with_all_layers_is_its_teacher(base: Path, tmp_path: Path) -> None:
    teacher = tiny(base).eval()
    pupil = student(a_run(base, tmp_path / "teacher", teacher), [0, 1], tmp_path / "pupil").eval()
    ids = torch.tensor([spoken(base).encode(SENTENCES[0]).ids])
    ones = torch.ones_like(ids)
    assert torch.equal(pupil.hidden(ids, ones), teacher.hidden(ids, ones))


def test_a_student_keeps_the_layers_that_are_named(base: Path, tmp_path: Path) -> None:
    teacher = tiny(base).eval()
    pupil = student(a_run(base, tmp_path / "teacher", teacher), [1], tmp_path / "pupil")
    assert len(pupil.encoder.encoder.layer) == 1
    name = "encoder.encoder.layer.{}.output.dense.weight"
    kept, theirs = pupil.state_dict(), teacher.state_dict()
    assert torch.equal(kept[name.format(0)], theirs[name.format(1)])


def test_a_student_of_layers_that_are_not_there_is_refused(base: Path, tmp_path: Path) -> None:
    checkpoint = a_run(base, tmp_path / "teacher", tiny(base))
    with pytest.raises(ValueError, match="no layers"):
        student(checkpoint, [0, 7], tmp_path / "pupil")


@pytest.mark.filterwarnings("ignore")
def test_a_student_comes_nearer_to_its_teacher(base: Path, tmp_path: Path) -> None:
    teacher = tiny(base).eval()
    pupil = student(a_run(base, tmp_path / "teacher", teacher), [1], tmp_path / "pupil")
    grammar, rng, tokenizer = OwnGrammar("en"), random.Random(3), spoken(base)
    rows = [encode(grammar.sample(rng), tokenizer) for _ in range(64)]
    optimiser = torch.optim.AdamW(pupil.parameters(), lr=3e-3)
    distances = []
    for _ in range(30):
        for batch in batches(rows, 32, 0, rng):
            hidden = [m.hidden(batch.input_ids, batch.attention_mask) for m in (pupil, teacher)]
            scores = [m.read(h) for m, h in zip((pupil, teacher), hidden, strict=True)]
            apart = distance(scores[0], scores[1], (hidden[0], hidden[1]), batch)
            optimiser.zero_grad()
            apart.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            distances.append(apart.item())
    assert sum(distances[-4:]) < 0.6 * sum(distances[:4])


def test_the_mean_of_two_models_lies_between_them(base: Path) -> None:
    first, second = tiny(base), tiny(base)
    second.for_us.bias.data += 2.0
    middle = mean([first.state_dict(), second.state_dict()])
    assert torch.allclose(middle["for_us.bias"], first.for_us.bias + 1.0)
    assert torch.allclose(middle["tags.weight"], first.tags.weight)


def test_the_shipped_artefact_is_small_and_tells_where_it_comes_from() -> None:
    artefact = load_artefact(shipped("understand"))
    assert sum(entry.bytes for entry in artefact.manifest.files.values()) <= 30_000_000
    assert artefact.manifest.provenance.seed
    notice = (Path(__file__).parents[2] / "NOTICE").read_text("utf-8")
    for source in ("HWU64", "CLINC150", "home-assistant-intents"):
        assert source in notice
        assert source in json.dumps(artefact.manifest.provenance.data)
