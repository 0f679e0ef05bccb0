"""What is kept of what devices say: little, whatever they say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.home import EntityState
from devices.registry_values import StateChange
from hub.act import Acted
from hub.history import ROWS_A_FLUSH, SAMPLE, History
from hub.journal import Journal, read_only
from hub.journal_history import FORGET_ROWS, NUMBER, Cause, Lived, add, between

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def change(entity_id: str, before: str | None, after: str, **attributes: float) -> StateChange:
    return StateChange(entity_id, EntityState(before), EntityState(after, attributes))


def test_a_state_is_kept_when_it_changes() -> None:
    history = History()
    for before, after in (("off", "on"), ("on", "on"), ("on", "off")):
        history.changed(change("light.a", before, after), None, NOW)
    assert [row.state for row in history.taken()] == ["on", "off"]
    assert history.taken() == []


def test_a_number_is_sampled() -> None:
    history = History()
    for minute in range(20):
        at = NOW + timedelta(minutes=minute)
        history.changed(change("sensor.t", "1", f"{20 + minute / 10}"), None, at)
    rows = history.taken()
    assert {row.state for row in rows} == {NUMBER}
    assert [row.at for row in rows] == [NOW + n * SAMPLE for n in range(4)]


def test_who_did_it_is_kept() -> None:
    history = History()
    for site in ("kitchen", "automation:evening"):
        history.changed(change("light.a", "off", site), Acted(site, "t1", NOW), NOW)
    history.changed(change("light.b", None, "on"), None, NOW)
    history.changed(change("light.c", "off", "on"), None, NOW)
    causes = [Cause.PERSON, Cause.AUTOMATION, Cause.START, Cause.DEVICE]
    assert [row.cause for row in history.taken()] == causes


def test_the_goal_and_the_brightness_are_kept_with_the_state() -> None:
    history = History()
    history.changed(change("light.a", "off", "on", brightness=120), None, NOW)
    history.changed(change("climate.a", "off", "heat", temperature=21.5), None, NOW)
    assert [row.value for row in history.taken()] == [120, 21.5]


def test_a_flood_is_cut_off_and_counted() -> None:
    history = History()
    for number in range(ROWS_A_FLUSH * 3):
        history.changed(change("light.a", "x", f"state {number}"), None, NOW)
    assert len(history.taken()) == ROWS_A_FLUSH
    assert history.dropped == ROWS_A_FLUSH * 2


def test_what_is_no_state_of_the_house_is_not_kept() -> None:
    history = History()
    history.changed(change("todo.shopping_list", "1", "2"), None, NOW)
    history.changed(StateChange("light.a", EntityState(), EntityState(None)), None, NOW)
    assert history.taken() == []


async def test_it_is_read_back_and_forgotten_in_parts(tmp_path: Path) -> None:
    rows = [
        Lived(NOW + timedelta(seconds=n), "light.a", "on", n / 2, Cause.DEVICE)
        for n in range(FORGET_ROWS + 10)
    ]
    async with Journal(tmp_path / "j.db") as journal:
        await journal.write(lambda database: add(database, rows))
        reader = read_only(journal.path)
        assert between(reader, NOW, NOW + timedelta(seconds=5), ["light.a"]) == rows[:5]
        assert between(reader, NOW, NOW + timedelta(seconds=5), ["light.b"]) == []
        kept = NOW + timedelta(seconds=FORGET_ROWS + 5)
        assert await journal.forget_history(kept) == FORGET_ROWS + 5
        assert len(between(reader, NOW, NOW + timedelta(days=1))) == 5
        assert await journal.forget_history() == 5
