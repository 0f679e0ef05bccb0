import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hub.reference import DOCS, documents

ROOT = DOCS.parent


@pytest.mark.parametrize("name", sorted(documents()))
def test_generated_documents_are_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == documents()[name], "run `make docs`"


def test_the_asyncapi_document_names_every_message() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))
    assert set(document["components"]["messages"]) == {"Command", "Reply", "Event"}
    assert document["channels"]["command"]["address"] == "hearthd/command/{site}"


def test_every_dependency_has_its_line() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (DOCS / "dependencies.md").read_text("utf-8").lower()
    for requirement in project["dependencies"]:
        name = requirement.split("==")[0].split(">=")[0].split("[")[0].lower()
        assert name in text, name


def test_the_edge_needs_no_training_library() -> None:
    code = (
        "import sys, hub.app, hub.cli.main, hub.rehearse\n"
        "bad = {'torch', 'transformers', 'onnx'} & set(sys.modules)\n"
        "sys.exit(repr(bad) if bad else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    import importlib.metadata

    declared = importlib.metadata.requires("hearthd") or []
    base = [r for r in declared if "extra ==" not in r]
    assert not any(r.startswith(("torch", "transformers", "onnx=", "onnx>")) for r in base)


def test_the_readme_links_to_what_exists() -> None:
    import re

    readme = (ROOT / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / target).exists(), target


def test_no_path_of_a_machine_is_in_the_sources() -> None:
    for folder in ("hub", "edge", "devices", "models", "export", "configs", "docs"):
        for path in Path(ROOT / folder).rglob("*.*"):
            if path.suffix in (".py", ".md", ".toml", ".yaml"):
                assert "/work/" not in path.read_text("utf-8"), path
