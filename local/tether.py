"""Become a command that the kernel kills when its parent dies (run as a file, needs no packages).

    python tether.py PARENT_PID COMMAND [ARGUMENT ...]

Elsewhere than on Linux the command simply runs, and a supervisor that is killed leaves it behind.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent_pid: int, command: list[str]) -> None:
    """Tie this process to its parent, then replace it by the command; the pid stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # it died before the line above
            raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606 - a shell would be one process too many


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
