"""What the service says when it is up: where everything is, and the first key, once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Announcement:
    """Addresses of a running service.

    Parameters
    ----------
    dashboard_url
        Empty without dashboards.
    new_admin_key
        A key made at this start; shown here and kept nowhere. Empty when there was one.
    """

    http_url: str
    grpc_target: str
    dashboard_url: str
    data_dir: str
    store: str
    pid: int
    anonymous_local: bool
    new_admin_key: str = ""

    def write_json(self, console: Console) -> None:
        """Write it as one line."""
        line = orjson.dumps({"event": "started", **asdict(self)}).decode()
        console.out(line, highlight=False)

    def write(self, console: Console) -> None:
        """Write it for a person."""
        table = Table(show_header=False, box=None, pad_edge=False)
        rows = {
            "OTLP/HTTP": f"{self.http_url}/v1/{{traces,metrics,logs}}",
            "OTLP/gRPC": self.grpc_target,
            "Dashboards": self.dashboard_url or "not started",
            "API": f"{self.http_url}/docs",
            "Store": self.store,
            "Data": self.data_dir,
            "Keys": "not needed on this machine" if self.anonymous_local else "needed",
        }
        for name, value in rows.items():
            table.add_row(f"[bold]{name}[/bold]", escape(value))
        console.print(Panel(table, title="Answerable is up", expand=False))
        if self.new_admin_key:
            # Not inside the panel: a border would be copied along with the key.
            console.print("[bold]First admin key[/bold], shown this once and kept nowhere:")
            console.out(self.new_admin_key, highlight=False)
