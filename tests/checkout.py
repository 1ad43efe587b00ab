"""What tests about the project itself need to know of the checkout."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings

from adapters.settings import MediaSettings
from app.settings import AppSettings
from graph.settings import GraphSettings
from local.settings import LocalSettings
from workers.settings import WorkerSettings

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("adapters", "app", "graph", "local", "workers")
SETTINGS: Final[dict[str, type[BaseSettings]]] = {
    "local": LocalSettings,
    "graph": GraphSettings,
    "app": AppSettings,
    "adapters": MediaSettings,
    "workers": WorkerSettings,
}
"""The settings of each package; `local` is what `make` reads."""


def modules(folder: str) -> list[Path]:
    """Give the Python files of a folder, in order."""
    return sorted(ROOT.joinpath(folder).rglob("*.py"))


def imports(module: Path) -> Iterator[str]:
    """Yield what a module imports, as dotted names: `from a import b` is `a.b`."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively; name the package."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def make_targets() -> set[str]:
    """Give the targets that `make help` lists."""
    return set(re.findall(r"^([a-z-]+):.*## ", ROOT.joinpath("Makefile").read_text(), re.MULTILINE))


def setting_names() -> set[str]:
    """Give the environment variables that settings are read from."""
    return {
        f"NEXUS_{field}".upper()
        for settings in SETTINGS.values()
        for field in settings.model_fields
    }
