"""Writes sql/schema.golden.sql, the schema that all migrations together make.

`python -m sql.golden` writes it; `python -m sql.golden --check` fails where it is out of date.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr

from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings

GOLDEN = Path(__file__).with_name("schema.golden.sql")


def dump() -> str:
    """Migrate an empty embedded store with default settings and dump its schema."""
    with tempfile.TemporaryDirectory(prefix="answerable-golden-") as directory:
        # model_construct, so that the environment of whoever runs this has no say.
        settings = StoreSettings.model_construct(store=SecretStr(f"chdb://{directory}"))
        with Store.open(settings) as store:
            migrator = Migrator(store, clock=lambda: 0)
            migrator.apply()
            return migrator.dump_schema()


def main(arguments: list[str]) -> int:
    """Write the golden file, or compare with it under `--check`; the exit code says which."""
    current = dump()
    if arguments == ["--check"]:
        same = GOLDEN.is_file() and GOLDEN.read_text(encoding="utf-8") == current
        if not same:
            sys.stderr.write(f"{GOLDEN} is out of date; run: python -m sql.golden\n")
        return 0 if same else 1
    GOLDEN.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
