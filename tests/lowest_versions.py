"""Print the lowest versions that pyproject.toml allows the core, as constraints for pip.

Run by ``make test-lowest``. Not covered: extras, and what the dependencies depend on.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"

if __name__ == "__main__":
    for requirement in tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]:
        print(requirement.replace(">=", "=="))
