"""Sends a signed event to an address that somebody typed in, and to no other.

The signature is that of Standard Webhooks: HMAC-SHA256 over id, time and body, so that a receiver
can refuse what is forged, changed, or sent again later. An address is resolved once and connected
to as it was checked: a name cannot lead to a private address, nor change between check and use; a
redirect is not followed, and no proxy of the environment is asked.

References
----------
Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import orjson

from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drift.monitors.variables import Variables

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
#: An address may be left to the environment, as it often holds a token: $WEBHOOK_...
ENVIRONMENT = "$WEBHOOK_"
_SECRET_PREFIX = "whsec_"  # noqa: S105  The prefix of the standard, not a secret.


class WebhookError(Exception):
    """An event did not arrive; the text holds neither secret nor address.

    Parameters
    ----------
    final
        Whether another attempt cannot help.
    """

    def __init__(self, detail: str, *, final: bool = False) -> None:
        super().__init__(detail)
        self.final = final


@dataclass(frozen=True, slots=True)
class Target:
    """An address as it was checked: `url` has the number in the place of the name."""

    url: str
    host: str
    name: str


def checked(address: str, secret_env: str, *, variables: Variables, private: bool) -> None:
    """Check what a monitor says about its webhook, before it is kept.

    Parameters
    ----------
    variables
        Those the monitor's tenant may name.

    Raises
    ------
    InvalidInputError
        For an address that is none, that carries a password, that is not encrypted, or that has
        no secret to sign with, and for a variable of another. Where a name leads is checked each
        time it is used.
    """
    if address and not secret_env:
        raise InvalidInputError(
            "trigger.secret_env is empty; name the environment variable that holds the secret "
            "with which the webhook is signed, such as WEBHOOK_RETRAIN.",
            field="trigger.secret_env",
        )
    if address.startswith(ENVIRONMENT):
        _may_name(variables, address[1:], "trigger.webhook")
    elif address:
        try:
            _parts(address, private=private)
        except WebhookError as error:
            raise InvalidInputError(f"trigger.webhook: {error}", field="trigger.webhook") from None
    if secret_env:
        _may_name(variables, secret_env, "trigger.secret_env")


def send(
    address: str,
    secret_env: str,
    event: Mapping[str, Any],
    *,
    now_s: int,
    timeout_s: float,
    variables: Variables,
    private: bool,
) -> None:
    """Send an event and wait for an answer from 200 to 299.

    Parameters
    ----------
    address
        URL, or the name of an environment variable that holds it after a `$`.
    secret_env
        Name of the environment variable that holds the secret.
    now_s
        Unix time, signed.
    variables
        Those the event's tenant may name, now: what was kept earlier is no permission.
    private
        Whether private addresses and plain HTTP are allowed.

    Raises
    ------
    WebhookError
        When it did not arrive.
    """
    secret = _secret(secret_env, variables)
    target = resolved(_address(address, variables), private=private)
    body = orjson.dumps(event)
    headers = {
        "Host": target.host,
        "Content-Type": CONTENT_TYPE,
        "User-Agent": "answerable",
        **signed(str(event["id"]), now_s, body, secret),
    }
    try:
        with httpx.Client(timeout=timeout_s, trust_env=False, follow_redirects=False) as client:
            request = client.build_request(
                "POST",
                target.url,
                content=body,
                headers=headers,
                extensions={"sni_hostname": target.name},
            )
            # The answer's body is of no use, however long it is.
            response = client.send(request, stream=True)
            response.close()
    except httpx.InvalidURL:
        raise WebhookError("it is not a URL", final=True) from None
    except httpx.HTTPError as error:
        raise WebhookError(f"no answer: {type(error).__name__}") from None
    if not response.is_success:
        raise WebhookError(f"answered {response.status_code}", final=response.status_code == 410)


def signed(message_id: str, now_s: int, body: bytes, secret: bytes) -> dict[str, str]:
    """Give the headers that prove who sent a body, and when.

    Examples
    --------
    >>> signed("m1", 1_700_000_000, b"{}", b"secret")["webhook-signature"]
    'v1,6a2BS7tv4ywWskEzv65tBIvuQ6lMqhUAxIXRZuEx1t4='
    """
    content = f"{message_id}.{now_s}.".encode() + body
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def resolved(address: str, *, private: bool) -> Target:
    """Find where an address leads.

    Raises
    ------
    WebhookError
        When it is none, cannot be found, or any of what it leads to is not a public address.
    """
    scheme, name, port, path = _parts(address, private=private)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookError("its name cannot be resolved") from None
    numbers = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not private and not all(public(number) for number in numbers):
        raise WebhookError("it leads to an address that is not public", final=True)
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    host = f"[{name}]" if ":" in name else name
    default = {"https": 443, "http": 80}[scheme]
    shown = host if port == default else f"{host}:{port}"
    return Target(f"{scheme}://{number}:{port}{path}", shown, name)


def public(number: str) -> bool:
    """Whether an address is one of the open internet, also where it hides an IPv4 address."""
    address = ipaddress.ip_address(number)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None or number.lower().startswith("64:ff9b:"):
            return False
        if inner is not None:
            return public(str(inner))
    return address.is_global and not address.is_multicast


def _parts(address: str, *, private: bool) -> tuple[str, str, int, str]:
    # What is not printable ASCII cannot be sent, and a parser may read it as something else.
    if not address.isascii() or not address.isprintable() or " " in address:
        raise WebhookError(
            "it holds what a URL may not; encode the name as xn--... and the rest by %", final=True
        )
    try:
        parts = urlsplit(address)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise WebhookError("it is not a URL", final=True) from None
    allowed = ("https", "http") if private else ("https",)
    if parts.scheme not in allowed or not name:
        raise WebhookError(f"it is not a URL that begins with {allowed[0]}://", final=True)
    if parts.username is not None or parts.password is not None:
        raise WebhookError("it carries a user name or password; leave them out", final=True)
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return parts.scheme, name, port or (443 if parts.scheme == "https" else 80), path + query


def _may_name(variables: Variables, name: str, field: str) -> None:
    refusal = variables.refusal(name)
    if refusal:
        raise InvalidInputError(f"{field}: {refusal}.", field=field)


def _address(address: str, variables: Variables) -> str:
    # A variable that was filled from a file often ends with a line break.
    return _found(address[1:], variables).strip() if address.startswith(ENVIRONMENT) else address


def _found(name: str, variables: Variables) -> str:
    refusal = variables.refusal(name)
    if refusal:
        raise WebhookError(refusal)
    found = variables.value(name)
    if not found:
        raise WebhookError(f"the environment variable {name} is not set")
    return found


def _secret(name: str, variables: Variables) -> bytes:
    found = _found(name, variables)
    if not found.startswith(_SECRET_PREFIX):
        return found.encode()
    try:
        secret = base64.b64decode(found.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise WebhookError(f"the environment variable {name} is not base64 after whsec_") from None
    if not secret:
        raise WebhookError(f"the environment variable {name} holds nothing after whsec_")
    return secret
