"""What a stranger tries first: run by a clean environment's Python, beside one picture.png.

Everything it looks at comes from the installed distribution, the README as well.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

CHARACTERS = 3
"""In examples/scene.png, which stands beside this as picture.png."""


def main() -> None:
    """Each trial; an assertion that fails ends it."""
    import kirinuki

    home = Path(kirinuki.__file__)
    assert home.is_relative_to(sys.prefix), f"kirinuki comes from {home}, not from {sys.prefix}"
    assert not importlib.util.find_spec("torch"), "the core install brings torch"
    check_metadata(kirinuki.__version__)
    assert kirinuki.__version__ in output_of("--version")
    output_of("cut", "picture.png", "-o", "cut")
    cutouts = [path.name for path in Path("cut").glob("picture_[0-9].png")]
    assert len(cutouts) == CHARACTERS, f"{sorted(cutouts)}: expected {CHARACTERS} characters"
    run_readme()


def check_metadata(version: str) -> None:
    """SPDX expression and licence files, as PEP 639 has them; all requirements are met."""
    about = metadata.metadata("kirinuki")
    assert about["Version"] == version
    assert about["License-Expression"] == "MIT"
    assert about.get_all("License-File") == ["LICENSE", "THIRD_PARTY_NOTICES.md"]
    installed = {str(path) for path in metadata.files("kirinuki") or ()}
    for name in ("LICENSE", "THIRD_PARTY_NOTICES.md"):
        assert f"kirinuki-{version}.dist-info/licenses/{name}" in installed


def run_readme() -> None:
    """The README's first lines of Python, as the package's page will show them."""
    readme = str(metadata.metadata("kirinuki").json["description"])
    block = re.search(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert block is not None, "the README shows no Python"
    exec(compile(block[1], "README.md", "exec"), {})
    assert Path("cutout.png").stat().st_size > 10_000


def output_of(*words: str) -> str:
    """What the installed command prints."""
    command = [str(Path(sys.executable).with_name("kirinuki")), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"kirinuki {' '.join(words)}: {done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main()
