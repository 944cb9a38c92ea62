"""Write docs/python-reference.md: every public name, as its docstring describes it.

Read from the source and never imported, so that the page is the same without torch. Run by
``make docs``. A test compares the file with what this would write.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
TARGET = Path(__file__).with_name("python-reference.md")
WIDTH = 88

HEAD = """\
# Python reference

<!-- Written by docs/generate_python.py. Change the docstrings in src/kirinuki/; make docs. -->

Every public name; all else may change from one version to the next. [python.md](python.md) shows
how they are used.
"""

SHOWN_ANYHOW = {"__call__", "__getitem__"}
"""Methods without a name of their own that are what a class is for."""


@dataclass(frozen=True)
class Public:
    """A public name, and where it is defined: in `module`, as `defined_as`."""

    name: str
    module: str
    defined_as: str

    @property
    def file(self) -> Path:
        return _file(self.module)

    def definition(self) -> ast.ClassDef | ast.FunctionDef:
        for node in ast.parse(self.file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == self.defined_as:
                return node
        raise LookupError(f"{self.module} defines no {self.defined_as}")


def _file(module: str) -> Path:
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def public_names() -> list[Public]:
    """All names of `kirinuki`, then those of each submodule that has an ``__all__``."""
    found = list(_names_of("kirinuki"))
    for submodule in sorted(_literal(_tree("kirinuki"), "_SUBMODULES")):
        found += _names_of(f"kirinuki.{submodule}")
    return found


def _names_of(package: str) -> Iterator[Public]:
    """Its ``__all__``, each with the import that says where it comes from."""
    tree = _tree(package)
    homes = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for name in _literal(tree, "__all__"):
        yield Public(f"{package}.{name}", *homes[name])


def _tree(package: str) -> ast.Module:
    return ast.parse(_file(package).read_text(encoding="utf-8"))


def _literal(tree: ast.Module, name: str) -> list[str]:
    """The strings in what is assigned to a name at the top of a module; none where nothing is."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]  # type: ignore[misc]
    return []


def described(public: Public) -> str:
    """Signature and docstring; of a class also those of what is public in it."""
    node = public.definition()
    short = public.name.removeprefix("kirinuki.")
    if isinstance(node, ast.FunctionDef):
        return f"{_signature(node, short)}\n\n{_words(node)}"
    parts = [f"class {short}\n\n{_words(node)}"]
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and _is_shown(member):
            words = ast.get_docstring(member)
            signature = _signature(member, f"{short.split('.')[-1]}.{member.name}")
            parts.append(signature + (f"\n{textwrap.indent(words, '    ')}" if words else ""))
    return "\n\n".join(parts)


def _is_shown(member: ast.FunctionDef) -> bool:
    overloads = [ast.unparse(decorator) for decorator in member.decorator_list]
    named = not member.name.startswith("_") or member.name in SHOWN_ANYHOW
    return named and "overload" not in overloads


def _words(node: ast.ClassDef | ast.FunctionDef) -> str:
    words = ast.get_docstring(node)
    assert words, f"{node.name} is public and says nothing"
    return words


def _signature(node: ast.FunctionDef, name: str) -> str:
    returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    if "property" in [ast.unparse(decorator) for decorator in node.decorator_list]:
        return f"{name}{returns}"
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("cls, ")
    arguments = "" if arguments in ("self", "cls") else arguments
    return textwrap.fill(f"{name}({arguments}){returns}", WIDTH, subsequent_indent="    ")


def reference() -> str:
    """The whole file."""
    sections = [f"## {public.name}\n\n```\n{described(public)}\n```\n" for public in public_names()]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8", newline="\n")
