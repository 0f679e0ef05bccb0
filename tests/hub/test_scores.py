"""The development scores that issue after issue must not lose."""

import json
from pathlib import Path

from edge.tasks.understand import UnderstandingModel
from hub.bench.dev_score import OURS, rows, slots_right
from hub.rehearse import Stage


async def test_home_assistants_own_english_sentences(model: UnderstandingModel, data: Path) -> None:
    stage, right, total = Stage(model), 0, 0
    for row in rows(data / "ha-intents.dev.jsonl"):
        if row["language"] != "en":
            continue
        case = {"text": row["text"], "home": row["home"], "area": row["context_area"],
                "policy": "permissive"}  # fmt: skip
        frames = (await stage.run_line(json.dumps(case)))["frames"]
        total += 1
        right += (
            len(frames) == 1
            and frames[0]["intent"] == row["intent"]
            and slots_right(row["slots"], frames[0]["slots"])
        )
    assert right / total >= 0.96


async def test_other_peoples_chatter_is_left_alone(model: UnderstandingModel, data: Path) -> None:
    stage = Stage(model)
    outside = [r for r in rows(data / "slurp.en.dev.jsonl") if r["domain"] not in OURS]
    accepted = [
        row
        for row in outside
        if (await stage.run_line(json.dumps({"text": row["text"]})))["frames"]
    ]
    assert len(accepted) / len(outside) <= 0.03
