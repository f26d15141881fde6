"""`python -m answerable.demo`: send simulated traffic until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

from answerable.demo.simulation import run


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m answerable.demo", description=__doc__)
    parser.add_argument("--endpoint", default="http://127.0.0.1:4318", help="OTLP/HTTP receiver")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same events")
    parser.add_argument("--speed", type=_speed, default=1.0, help="factor on the rate, 0.1 to 20")
    arguments = parser.parse_args()
    # A receiver that is away would otherwise fill the terminal.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(arguments.endpoint, stop, arguments.seed, arguments.speed)
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 20:
        raise argparse.ArgumentTypeError("must be from 0.1 to 20")
    return speed


if __name__ == "__main__":
    sys.exit(main())
