"""Token classification: a text in, labelled stretches of it out (labels in BIO form, or plain)."""

from __future__ import annotations

from dataclasses import dataclass

from edge.artefact import Artefact
from edge.errors import ArtefactError
from edge.sessions import SessionOptions
from edge.tasks.classify import TokenModel
from edge.tasks.logits import softmax


@dataclass(frozen=True, slots=True)
class Tagged:
    """Characters `start` to `end` of the text; `probability` is the mean over its tokens."""

    start: int
    end: int
    label: str
    text: str
    probability: float


class Tagger(TokenModel):
    """A loaded token classification artefact."""

    def __init__(self, artefact: Artefact, options: SessionOptions | None = None) -> None:
        super().__init__(artefact, "tag", options)
        for test in artefact.manifest.self_tests:
            text = str(test.input["text"])
            found = [[tag.start, tag.end, tag.label] for tag in self.tag(text)]
            if found != test.output["tags"]:
                raise ArtefactError(artefact.folder, f"self-test failed: finds {found} in {text!r}")

    def tag(self, text: str) -> list[Tagged]:
        """Stretches in order; what is labelled `O` is left out. Raises `ModelFailed`."""
        encoding, logits = self.logits(text)
        found: list[Tagged] = []
        counts: list[int] = []
        for (start, end), scores in zip(encoding.offsets, softmax(logits), strict=True):
            best = int(scores.argmax())
            label, probability = self.labels[best], float(scores[best])
            name = label[2:] if label[:2] in ("B-", "I-") else label
            if start == end or label == "O":
                continue
            last = found[-1] if found else None
            joins = last and last.label == name and not label.startswith("B-")
            if last and joins and not text[last.end : start].strip():
                mean = (last.probability * counts[-1] + probability) / (counts[-1] + 1)
                found[-1] = Tagged(last.start, end, name, text[last.start : end], mean)
                counts[-1] += 1
            else:
                found.append(Tagged(start, end, name, text[start:end], probability))
                counts.append(1)
        return found
