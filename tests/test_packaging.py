"""What is published beside the code: licences, notices, citation, templates. `make release-check`
builds and tries the packages themselves."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import kirinuki


def test_the_studio_carries_the_same_licence(repository: Path) -> None:
    ours = (repository / "LICENSE").read_bytes()
    assert (repository / "packages" / "kirinuki-draw" / "LICENSE").read_bytes() == ours


@pytest.mark.parametrize("folder", [".", "packages/kirinuki-draw"])
def test_every_requirement_stands_in_the_notices(repository: Path, folder: str) -> None:
    about = tomllib.loads((repository / folder / "pyproject.toml").read_text(encoding="utf-8"))
    names = {re.split(r"[\[>=<]", line)[0] for line in about["project"]["dependencies"]}
    notices = (repository / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    listed = {name.lower() for name in re.findall(r"^\| ([\w.-]+) \|", notices, re.MULTILINE)}
    assert names - listed <= {"kirinuki"}


def test_the_citation_names_this_version(repository: Path) -> None:
    citation = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == kirinuki.__version__
    assert citation["license"] == "MIT"


def test_each_form_of_an_issue_asks_for_something(repository: Path) -> None:
    forms = sorted((repository / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    for form in forms:
        content = yaml.safe_load(form.read_text(encoding="utf-8"))
        if form.stem != "config":
            assert {"name", "description", "body"} <= set(content), form
            needed = [field for field in content["body"] if field.get("validations")]
            assert all(field["validations"]["required"] for field in needed), form
            assert needed, form
    assert len(forms) == 4
