import subprocess
import sys

import pytest

from tests.checkout import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_live_updates_are_measured_with_nothing_lost_and_in_order() -> None:
    """What it prints depends on the machine; that nothing is lost or out of order does not."""
    command = [sys.executable, "-m", "bench.realtime", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.split("|")] for line in done.stdout.splitlines()]
    lost = {cells[1]: cells[-3:-1] for cells in rows if len(cells) > 1 and cells[-2].isdigit()}
    assert lost.pop("Nexus is to reach") == ["0", "0"]
    assert len(lost) == 5
    assert set(map(tuple, lost.values())) == {("0", "0")}
