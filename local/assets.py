"""The explorers' files."""

from pathlib import Path


def fetch(cache_dir: Path) -> Path:
    """Return the directory of the explorers' files, downloading them the first time."""
    return cache_dir / "assets"
