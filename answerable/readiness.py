"""Whether the service can take and answer requests now, check by check."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sql.client import Store

OK = "ok"
_MIB = 1 << 20


class Readiness:
    """Answers /readyz; `draining` is set when the service begins to stop.

    Parameters
    ----------
    accepting
        Whether the pipeline takes submissions.
    disk_free_min_mib
        Free disk under `data_dir` below which nothing is taken any more.
    """

    def __init__(
        self,
        store: Store,
        accepting: Callable[[], bool],
        data_dir: Path,
        *,
        disk_free_min_mib: int,
    ) -> None:
        self._store = store
        self._accepting = accepting
        self._data_dir = data_dir
        self._disk_free_min_mib = disk_free_min_mib
        self.draining = False

    def checks(self) -> dict[str, str]:
        """Run every check; each says `ok` or what is wrong. May wait for the store."""
        return {
            "service": "draining" if self.draining else OK,
            "store": self._check_store(),
            "pipeline": OK if self._accepting() else "takes no submissions",
            "disk": self._check_disk(),
        }

    def _check_store(self) -> str:
        # With every handle at work the store is busy, not away; a ping would wait for one.
        if self._store.busy_handles >= self._store.settings.store_handles or self._store.ping():
            return OK
        return "does not answer"

    def _check_disk(self) -> str:
        try:
            free_mib = shutil.disk_usage(self._data_dir).free // _MIB
        except OSError as error:
            return f"{self._data_dir}: {error.strerror}"
        if free_mib >= self._disk_free_min_mib:
            return OK
        return f"{free_mib} MiB free, less than disk_free_min_mib = {self._disk_free_min_mib}"
