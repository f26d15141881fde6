"""Connector calls: what a service asks of systems outside it, and how that went."""

from typing import ClassVar, Final

from opentelemetry.trace import SpanKind

from answerable_instrument import attributes as names
from answerable_instrument.guard import guarded
from answerable_instrument.records import Record, recording
from answerable_instrument.values import as_count

_BY_HTTP_STATUS: Final = {
    401: "auth_failed",
    403: "auth_failed",
    408: "timeout",
    429: "rate_limited",
    504: "timeout",
}
_TEXTS: Final = (
    ("name", names.CONNECTOR_NAME),
    ("operation", names.CONNECTOR_OPERATION),
    ("version", names.CONNECTOR_VERSION),
    ("credential_id", names.CONNECTOR_CREDENTIAL_ID),
    ("schema_hash", names.CONNECTOR_SCHEMA_HASH),
)


class ConnectorCall(Record):
    """One call of a connector under way. Setters never raise and return the call."""

    __slots__ = ("_given", "_retries")
    span_kind: ClassVar[SpanKind] = SpanKind.CLIENT

    def __init__(self, given: dict[str, object]) -> None:
        super().__init__(None)
        self._given = given
        self._retries = 0
        for key, attribute in _TEXTS:
            if given[key] is not None:
                self._text(attribute, given[key])
        if given["synthetic"] is True:
            self._put(names.SYNTHETIC, True)
        title = [self._stored(names.CONNECTOR_NAME), self._stored(names.CONNECTOR_OPERATION)]
        self._rename(" ".join(str(part) for part in title if part) or "connector")

    def fresh(self) -> "ConnectorCall":
        """Return a new call with the same arguments."""
        return ConnectorCall(self._given)

    @recording
    def status(self, status: object) -> None:
        """Set the status; it then stands, whatever exception follows."""
        self._put_word(names.CONNECTOR_STATUS, status, names.STATUSES)

    @recording
    def http_status(self, code: object) -> None:
        """Set the status from an HTTP status code."""
        number = as_count(code)
        self._put(
            names.CONNECTOR_STATUS, _BY_HTTP_STATUS.get(number, "error" if number >= 400 else "ok")
        )

    @recording
    def retry(self, count: object = 1) -> None:
        """Add retries of this call."""
        self._retries += as_count(count)
        self._put(names.CONNECTOR_RETRY_COUNT, as_count(self._retries))

    @recording
    def schema_hash(self, digest: object) -> None:
        """Record a digest of the shape of what came back."""
        self._put_text(names.CONNECTOR_SCHEMA_HASH, digest)

    @recording
    def version(self, version: object) -> None:
        """Record the version the other side reported."""
        self._put_text(names.CONNECTOR_VERSION, version)

    def _finish(self, error: BaseException | None) -> None:
        if self._stored(names.CONNECTOR_STATUS) is None:
            found = ["ok" if error is None else "error"]
            if error is not None:
                guarded(self._report_internal, lambda: found.append(status_of(error)))
            self._put_status(found[-1])
        super()._finish(error)

    def _put_status(self, status: str) -> None:
        self._late[names.CONNECTOR_STATUS] = status


def status_of(error: BaseException) -> str:
    """Status of an exception by its class, then by the HTTP status code it carries."""
    if any("Timeout" in base.__name__ for base in type(error).__mro__):
        return "timeout"
    for holder in (error, getattr(error, "response", None)):
        for field in ("status_code", "status", "code"):
            code = getattr(holder, field, None)
            if isinstance(code, int) and code in _BY_HTTP_STATUS:
                return _BY_HTTP_STATUS[int(code)]
    return "error"


def connector_call(
    name: str,
    operation: str,
    *,
    version: str | None = None,
    credential_id: str | None = None,
    schema_hash: str | None = None,
    synthetic: bool = False,
) -> ConnectorCall:
    """Open a connector call: a context manager that yields it, or a decorator.

    Parameters
    ----------
    name, operation
        Such as ``gradebook`` and ``list_assignments``. Few values: no identifiers in them.
    version
        Version of the connector or of the interface behind it.
    credential_id
        Which credential was used. Never the secret itself.
    schema_hash
        Digest of the shape of the answer.
    synthetic
        True for a check that no user asked for.
    """
    return ConnectorCall(dict(locals()))
