"""Reading a store address: which engine, which database, and what may be shown of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from sql.errors import InvalidInputError

#: The database used where the address names none.
DEFAULT_DATABASE = "answerable"

#: Scheme -> whether the connection is encrypted; None is the embedded engine.
_SCHEMES: dict[str, bool | None] = {
    "chdb": None,
    "clickhouse": False,
    "http": False,
    "clickhouses": True,
    "https": True,
}
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A parsed address; the password is kept out of repr.

    Parameters
    ----------
    directory
        Where the embedded engine keeps its data; None for a server.
    """

    database: str
    directory: Path | None = None
    host: str = ""
    port: int = 0
    secure: bool = False
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address without its secret, for logs and messages."""
        if self.directory is not None:
            return f"chdb://{self.directory}?database={self.database}"
        scheme = "clickhouses" if self.secure else "clickhouse"
        user = f"{self.username}@" if self.username else ""
        return f"{scheme}://{user}{self.host}:{self.port}/{self.database}"


def parse(dsn: str) -> StoreAddress:
    """Parse a store address.

    Raises
    ------
    InvalidInputError
        With the part at fault; never with the password.
    """
    try:
        parts = urlsplit(dsn)
        port = parts.port
    except ValueError:
        raise _bad("is not an address", "chdb:///directory or clickhouse://host:8123") from None
    if parts.scheme not in _SCHEMES:
        raise _bad(f"has the scheme {parts.scheme!r}", f"one of {', '.join(_SCHEMES)}")
    secure = _SCHEMES[parts.scheme]
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - {"database"})
    if unknown:
        raise _bad(f"has the option {unknown[0]!r}", "database as its only option")
    if secure is None:
        return _embedded(parts, options)
    return _server(parts, options, port or (8443 if secure else 8123), secure=secure)


def _embedded(parts: SplitResult, options: dict[str, str]) -> StoreAddress:
    if parts.netloc or parts.path in ("", "/"):
        raise _bad("names no directory", "three slashes, as in chdb:///var/lib/answerable/store")
    directory = Path(unquote(parts.path)).resolve()
    return StoreAddress(_database(options.get("database", "")), directory=directory)


def _server(
    parts: SplitResult, options: dict[str, str], port: int, *, secure: bool
) -> StoreAddress:
    if not parts.hostname:
        raise _bad("names no host", "clickhouse://host:8123/database")
    database = unquote(parts.path.strip("/")) or options.get("database", "")
    return StoreAddress(
        _database(database),
        host=parts.hostname,
        port=port,
        secure=secure,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _database(name: str) -> str:
    name = name or DEFAULT_DATABASE
    if not _DATABASE.fullmatch(name):
        raise _bad(f"names the database {name!r}", "letters, digits and underscores")
    return name


def _bad(what: str, wanted: str) -> InvalidInputError:
    return InvalidInputError(f"The store address {what}; use {wanted}.", field="store")
