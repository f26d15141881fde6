"""What a credential turns into, and when nothing but this machine is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from answerable.auth import ANONYMOUS, ENVIRONMENT_KEY, Gate
from answerable.keyring import Keyring
from answerable.locality import is_local
from collector.models import Grant
from sql.access import Role
from sql.errors import ForbiddenError, UnauthenticatedError

ADMIN_KEY = "an-admin-key-of-any-shape"
NewKeyring = Callable[..., Keyring]


@pytest.fixture
def keyring(new_keyring: NewKeyring) -> Keyring:
    return new_keyring()


def gate_on(keyring: Keyring, clock: Any, *, anonymous: bool = False, admin: str = "") -> Gate:
    return Gate(keyring, clock, admin_key=admin, allow_anonymous_local=anonymous)


def bearer(
    keyring: Keyring, roles: list[Role], tenants: list[str], expires_at_ns: int | None = None
) -> str:
    _, secret = keyring.create(
        "k", roles, tenants, all_tenants=not tenants, expires_at_ns=expires_at_ns, actor="t"
    )
    return f"Bearer {secret}"


@pytest.mark.parametrize(
    ("tenants", "expected"),
    [(["a"], ("a", ())), (["a", "b"], ("", ("a", "b"))), ([], ("", ("*",)))],
)
def test_a_grant_says_for_whom_a_sender_speaks(
    keyring: Keyring, clock: Any, tenants: list[str], expected: tuple[str, tuple[str, ...]]
) -> None:
    credential = bearer(keyring, [Role.INGEST], tenants)
    grant = gate_on(keyring, clock).grant(credential, peer_is_loopback=False)
    assert (grant.tenant, grant.tenants) == expected
    assert keyring.find(grant.key_id) is not None


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.INGEST, Role.ADMIN}])
def test_only_ingest_and_admin_may_send(keyring: Keyring, clock: Any, role: Role) -> None:
    credential = bearer(keyring, [role], ["a"])
    with pytest.raises(ForbiddenError, match="role ingest"):
        gate_on(keyring, clock).grant(credential, peer_is_loopback=True)


def test_an_admin_may_send(keyring: Keyring, clock: Any) -> None:
    credential = bearer(keyring, [Role.ADMIN], ["a"])
    assert gate_on(keyring, clock).grant(credential, peer_is_loopback=False).tenant == "a"


def test_the_environments_key_is_an_admin_of_all(keyring: Keyring, clock: Any) -> None:
    gate = gate_on(keyring, clock, admin=ADMIN_KEY)
    principal = gate.principal(f"Bearer {ADMIN_KEY}", is_local=False)
    assert principal.key_id == ENVIRONMENT_KEY
    assert principal.all_tenants
    assert Role.ADMIN in principal.roles


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer wrong",
        "bearer " + ADMIN_KEY + "x",
        "Bearer ak_000000000000_" + "0" * 64,
        "Bearer schl\xfcssel",
    ],
)
def test_what_is_no_valid_key_is_refused(
    keyring: Keyring, clock: Any, credential: str | None
) -> None:
    for gate in (gate_on(keyring, clock), gate_on(keyring, clock, admin=ADMIN_KEY)):
        with pytest.raises(UnauthenticatedError):
            gate.principal(credential, is_local=True)


def test_an_unset_admin_key_lets_nobody_in(keyring: Keyring, clock: Any) -> None:
    with pytest.raises(UnauthenticatedError):
        gate_on(keyring, clock, admin="").principal("Bearer  ", is_local=True)


def test_the_right_id_with_a_wrong_secret_is_refused_alike(keyring: Keyring, clock: Any) -> None:
    credential = bearer(keyring, [Role.VIEWER], ["a"])
    wrong = credential[:-1] + ("0" if credential[-1] != "0" else "1")
    gate = gate_on(keyring, clock)
    with pytest.raises(UnauthenticatedError) as of_wrong:
        gate.principal(wrong, is_local=False)
    with pytest.raises(UnauthenticatedError) as of_unknown:
        gate.principal("Bearer ak_000000000000_" + "0" * 64, is_local=False)
    assert of_wrong.value.detail == of_unknown.value.detail


def test_a_key_ends_when_it_expires(keyring: Keyring, clock: Any) -> None:
    credential = bearer(keyring, [Role.VIEWER], ["a"], clock() + 10)
    gate = gate_on(keyring, clock)
    assert gate.principal(credential, is_local=False).tenants == ("a",)
    clock.step(ns=10)
    with pytest.raises(UnauthenticatedError, match="expired"):
        gate.principal(credential, is_local=False)


def test_a_revoked_key_is_told_so(keyring: Keyring, clock: Any) -> None:
    credential = bearer(keyring, [Role.VIEWER], ["a"])
    keyring.revoke(credential.split("_")[1], actor="t", reason="")
    with pytest.raises(UnauthenticatedError, match="revoked"):
        gate_on(keyring, clock).principal(credential, is_local=False)


def test_anonymous_is_local_and_allowed_or_nothing(keyring: Keyring, clock: Any) -> None:
    open_gate = gate_on(keyring, clock, anonymous=True)
    assert open_gate.principal(None, is_local=True) == ANONYMOUS
    assert open_gate.grant(None, peer_is_loopback=True) == Grant("anonymous", "", ("*",), "default")
    for gate, local in ((open_gate, False), (gate_on(keyring, clock), True)):
        with pytest.raises(UnauthenticatedError):
            gate.principal(None, is_local=local)
    # Somebody who brings a key means that key: a wrong one is not waved through.
    with pytest.raises(UnauthenticatedError):
        open_gate.principal("Bearer wrong", is_local=True)


@pytest.mark.parametrize(
    ("client", "headers", "expected"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {"host": "[::1]:4318"}, True),
        ("127.0.0.1", {"host": "localhost:4318", "origin": "http://127.0.0.1:8501"}, True),
        ("10.0.0.7", {}, False),
        (None, {}, False),
        ("127.0.0.1", {"x-forwarded-for": ""}, False),
        ("127.0.0.1", {"forwarded": "for=1.2.3.4"}, False),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("127.0.0.1", {"host": "rebound.example"}, False),
        ("127.0.0.1", {"host": "127.0.0.1.example"}, False),
        ("127.0.0.1", {"host": "[broken"}, False),
        ("127.0.0.1", {"origin": "https://page.example"}, False),
        ("127.0.0.1", {"origin": "null"}, False),
    ],
)
def test_is_local(client: str | None, headers: dict[str, str], expected: bool) -> None:
    scope = {
        "type": "http",
        "client": (client, 5) if client else None,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    assert is_local(scope) is expected
