"""`python -m answerable.tether PARENT COMMAND...`: runs a command that ends when its parent does.

Without it a killed service would leave its dashboards behind, and with them the port.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def command(parent: int, words: list[str]) -> list[str]:
    """Build the command line that ties `words` to the process `parent`."""
    return [sys.executable, "-m", "answerable.tether", str(parent), *words]


def main(arguments: list[str]) -> int:
    """Become the command; returns only when the parent is gone already."""
    parent, *words = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have died before the line above took effect.
    if os.getppid() == int(parent):
        os.execvp(words[0], words)  # noqa: S606  The words come from the service itself.
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
