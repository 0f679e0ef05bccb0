"""A tiny model with random weights through all of training and export: minutes become seconds."""

import json
import random
from pathlib import Path

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
from export.understanding import Naming, export_understanding
from models.nlu.batches import batches, encode
from models.nlu.data.dataset import Mixture
from models.nlu.data.own import OwnGrammar
from models.nlu.model import UnderstandingModel
from models.nlu.train import Recipe, loss_of

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


def test_the_shipped_artefact_is_small_and_tells_where_it_comes_from() -> None:
    artefact = load_artefact(shipped("understand"))
    assert sum(entry.bytes for entry in artefact.manifest.files.values()) <= 30_000_000
    assert artefact.manifest.provenance.seed
    notice = (Path(__file__).parents[2] / "NOTICE").read_text("utf-8")
    for source in ("HWU64", "CLINC150", "home-assistant-intents"):
        assert source in notice
        assert source in json.dumps(artefact.manifest.provenance.data)
