"""What goes wrong in the simulated platform; each is recorded by the real instrumentation."""

from __future__ import annotations


class PlatformError(Exception):
    """Base; `status_code` is what an HTTP client would have seen."""

    status_code = 500


class RateLimitedError(PlatformError):
    """The other side takes no more calls for now."""

    status_code = 429


class CredentialError(PlatformError):
    """The other side does not accept the credential."""

    status_code = 401


class ModelTimeoutError(PlatformError):
    """A model did not answer in time."""

    status_code = 504
