"""Placeholders of migrations: one tree of files for a single node and for a cluster.

{{on_cluster}}  {{local NAME}}  {{engine ENGINE}}  {{ttl CLASS EXPRESSION}}
{{distributed NAME SHARDING_EXPRESSION}}  {{alter_distributed NAME CLAUSES}}  {{dictionary_login}}
{{fragment}}, the text of migrations/fragments/*.sql
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sql import dsn
from sql.errors import PermanentStoreError
from sql.settings import StoreSettings

_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ENGINE = re.compile(r"(\w*?)(MergeTree)?(?:\((.*)\))?", re.DOTALL)

#: Replicas of one shard share the first path; `{{engine_everywhere}}` tables the second.
_SHARD_PATH = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
_EVERYWHERE_PATH = "'/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}'"


@dataclass(frozen=True)
class Renderer:
    """Fills placeholders for one topology.

    Parameters
    ----------
    fragments
        Text that several migrations share, by name; a fragment may name another.
    """

    settings: StoreSettings
    fragments: Mapping[str, str]

    def render(self, text: str, *, source: str) -> str:
        """Fill every placeholder of `text`.

        Raises
        ------
        PermanentStoreError
            For an unknown or malformed placeholder; names `source` and the line.
        """

        def fill(match: re.Match[str]) -> str:
            try:
                return self._fill(match[1])
            except (KeyError, ValueError) as error:
                line = text.count("\n", 0, match.start()) + 1
                raise PermanentStoreError(
                    f"{source}:{line}: placeholder {{{{{match[1]}}}}}: {error.args[0]}."
                ) from None

        return _PLACEHOLDER.sub(fill, text)

    def statements(self, text: str, *, source: str) -> list[str]:
        """Render `text` and split it at lines that end in a semicolon."""
        lines = [
            line
            for line in self.render(text, source=source).splitlines()
            if not line.lstrip().startswith("--")
        ]
        found = re.split(r";[ \t]*(?:\n|$)", "\n".join(lines) + "\n")
        return [statement.strip() for statement in found if statement.strip(" \t\n;")]

    @property
    def on_cluster(self) -> str:
        """The clause that sends a statement to every node; empty on a single node."""
        return f"ON CLUSTER '{self.settings.cluster}'" if self.settings.cluster else ""

    def _fill(self, content: str) -> str:
        word, _, rest = content.partition(" ")
        handlers: dict[str, Callable[[str], str]] = {
            "on_cluster": self._on_cluster,
            "local": self._local,
            "engine": lambda engine: self._engine(engine, _SHARD_PATH),
            "engine_everywhere": lambda engine: self._engine(engine, _EVERYWHERE_PATH),
            "ttl": self._ttl,
            "distributed": self._distributed,
            "alter_distributed": self._alter_distributed,
            "dictionary_login": self._dictionary_login,
        }
        if word in handlers:
            return handlers[word](rest.strip())
        if not rest and word in self.fragments:
            return self.render(self.fragments[word], source=f"fragments/{word}.sql")
        known = ", ".join([*handlers, *sorted(self.fragments)])
        raise KeyError(f"unknown; known are {known}")

    def _on_cluster(self, rest: str) -> str:
        if rest:
            raise ValueError("takes no argument")
        return self.on_cluster

    def _local(self, name: str) -> str:
        _check(name)
        return f"{name}_local" if self.settings.cluster else name

    def _engine(self, engine: str, path: str) -> str:
        match = _ENGINE.fullmatch(engine)
        if not match or not engine:
            raise ValueError("takes an engine, as in MergeTree or Null")
        prefix, family, arguments = match.groups()
        if not self.settings.cluster or not family:
            return engine
        listed = f"{path}, {arguments}" if arguments else path
        return f"Replicated{prefix}MergeTree({listed})"

    def _dictionary_login(self, rest: str) -> str:
        """Name whom a dictionary reads its own server as; nobody where the address names none."""
        if rest:
            raise ValueError("takes no argument")
        text = self.settings.store.get_secret_value()
        address = dsn.parse(text) if text else None
        if address is None or not address.username:
            return ""
        return f"USER {_quoted(address.username)} PASSWORD {_quoted(address.password)}"

    def _ttl(self, rest: str) -> str:
        name, _, expression = rest.partition(" ")
        if not expression.strip():
            raise ValueError("takes a retention class and an expression of type DateTime")
        days = self.settings.retention_days(name)
        return f"TTL {expression.strip()} + INTERVAL {days} DAY DELETE" if days else ""

    def _distributed(self, rest: str) -> str:
        name, _, sharding = rest.partition(" ")
        _check(name)
        if not sharding.strip():
            raise ValueError("takes a table and a sharding expression")
        if not self.settings.cluster:
            return ""
        cluster = self.settings.cluster
        return (
            f"CREATE TABLE IF NOT EXISTS {name} {self.on_cluster} AS {name}_local\n"
            f"ENGINE = Distributed('{cluster}', currentDatabase(), '{name}_local', "
            f"{sharding.strip()});"
        )

    def _alter_distributed(self, rest: str) -> str:
        """Bring the table before the local ones up to date; there is none on a single node."""
        name, _, clauses = rest.partition(" ")
        _check(name)
        if not clauses.strip():
            raise ValueError("takes a table and the clauses of ALTER TABLE")
        if not self.settings.cluster:
            return ""
        return f"ALTER TABLE {name} {self.on_cluster} {clauses.strip()};"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a table name")
