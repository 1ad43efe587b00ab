import re
from pathlib import Path

import pytest

from local.datadir import DataDir
from local.errors import LocalError

pytestmark = pytest.mark.unit


def test_secrets_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    first = DataDir(tmp_path).secrets()
    assert DataDir(tmp_path).secrets() == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert DataDir(tmp_path / "other").secrets() != first


def test_secrets_never_look_like_options(tmp_path: Path) -> None:
    for secret in DataDir(tmp_path).secrets().values():
        assert re.fullmatch(r"[0-9a-f]{64}", secret)


def test_a_second_supervisor_is_kept_out(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    with data.locked():
        data.announce({"NEXUS_HTTP_PORT": "8000"})
        with (
            pytest.raises(LocalError, match=r"in use by process \d+.*NEXUS_DATA_DIR"),
            DataDir(tmp_path).locked(),
        ):
            pass
        assert DataDir(tmp_path).is_locked()
        assert DataDir(tmp_path).running()["NEXUS_HTTP_PORT"] == "8000"
    assert not data.is_locked()
    assert data.running() == {}
