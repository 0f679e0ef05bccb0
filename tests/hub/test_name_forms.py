import pytest

from hub.ground.forms import by_whom, forms


def test_a_name_that_is_written_with_its_endings_has_all_its_forms() -> None:
    assert forms("nočn(á|ú) lamp(a|u)") == (
        "nočná lampa", "nočná lampu", "nočnú lampa", "nočnú lampu",
    )  # fmt: skip
    assert forms("spáln(i|e)|spálň(a|u)") == ("spálni", "spálne", "spálňa", "spálňu")


@pytest.mark.parametrize("name", ["Lamp (left)", "lamp(s)", "TV|Radio", "a(b", "garáž", ""])
def test_any_other_name_is_what_is_written(name: str) -> None:
    assert forms(name) == (name,)


def test_a_name_with_too_many_forms_is_taken_as_it_is_written() -> None:
    name = "x(a|b)" * 40
    assert forms(name) == (name,)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Katrins Handy", ["Mamas Handy"]),
        ("Katrin's lamp", ["Mama's lamp"]),
        ("Bedside Katrin", ["Bedside Mama"]),
        ("Mama-Licht", ["Katrin-Licht"]),
        ("Katrinchens Bett", []),
        ("Kitchen", []),
    ],
)
def test_a_thing_with_somebodys_name_is_called_by_the_other_names_too(
    name: str, others: list[str]
) -> None:
    assert list(by_whom([name], [("Katrin", "Mama")])) == others
