"""What `hearthd bench soak` counts, and when it says that it does not hold."""

import json
from pathlib import Path

from devices.homefile import load_home
from hub.bench.soak import Sample
from hub.bench.soak_house import Books, home
from hub.bench.soak_report import broken, taken, write_csv
from hub.inbox import Message


def reply(key: str, status: str) -> Message:
    return Message("hearthd/reply/soak", json.dumps({"id": key, "status": status}).encode(), False)


def sample(seconds: float, resident: int, descriptors: int = 14) -> Sample:
    return Sample(seconds, resident, descriptors, 6, seconds / 30, 1000, 0, 0, 0)


def test_the_house_has_300_devices() -> None:
    assert len(load_home(home()).entities) == 300


def test_what_has_no_answer_is_lost_and_what_has_two_is_counted() -> None:
    books = Books()
    for _ in range(2):
        books.next_command()
    books.hear(reply("soak-0", "done"))
    books.hear(reply("soak-0", "done"))
    counts = books.counts()
    assert (counts["lost"], counts["answered twice"], counts["not executed"]) == (1, 1, 1)


def test_a_lamp_that_is_told_twice_and_a_door_that_is_told_anything_are_counted() -> None:
    books = Books()
    said = books.next_command()
    topic = f"home/{said['entity_id'].replace('.', '/')}/set"
    payload = json.dumps({"brightness": said["data"]["brightness"]}).encode()
    books.hear(Message(topic, payload, False))
    books.hear(Message(topic, payload, False))
    books.hear(Message("home/lock/front_door/set", b"UNLOCK", False))
    counts = books.counts()
    assert (counts["executed twice"], counts["dangerous unconfirmed"]) == (1, 1)


def test_memory_that_grows_after_ten_minutes_and_descriptors_that_stay_open_do_not_hold() -> None:
    fine = Books().counts() | {"last states that differ": 0, "hub ended with": 0}
    steady = [sample(0, 100), sample(600, 1000), sample(1200, 1040)]
    growing = [*steady, sample(1800, 1060, descriptors=15)]
    assert broken(fine | taken(steady)) == []
    assert broken(fine | taken(growing)) == ["growth: 6.0%", "descriptors: 1 more at the end"]


def test_every_sample_is_a_row(tmp_path: Path) -> None:
    write_csv([sample(0, 1), sample(10, 2)], tmp_path / "soak.csv")
    assert len((tmp_path / "soak.csv").read_text("utf-8").splitlines()) == 3
