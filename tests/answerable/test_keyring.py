"""Keys on a real store: made, revoked, expired, bounded, shared between processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from answerable.keyring import KIND, TENANT, Keyring, reaches
from answerable.keys import digest_of, id_of
from sql.access import Principal, Role
from sql.client import Store
from sql.errors import ConflictError, InvalidInputError, NotFoundError
from sql.records import Records

NewKeyring = Callable[..., Keyring]


def make(keyring: Keyring, *tenants: str, expires_at_ns: int | None = None) -> tuple[Any, str]:
    return keyring.create(
        "k",
        [Role.VIEWER],
        tenants or ["a"],
        all_tenants=False,
        expires_at_ns=expires_at_ns,
        actor="tests",
    )


def test_only_the_hash_is_stored(new_keyring: NewKeyring, key_store: Store, clock: Any) -> None:
    key, secret = make(new_keyring())
    [record] = Records(key_store, clock).list(KIND, [TENANT])
    assert record.id == key.key_id == id_of(secret)
    assert record.body["sha256"] == digest_of(secret)
    assert secret.rpartition("_")[2] not in repr(record)


def test_a_secret_holds_256_bits(new_keyring: NewKeyring) -> None:
    _, secret = make(new_keyring())
    assert len(bytes.fromhex(secret.rpartition("_")[2])) == 32


def test_another_process_sees_changes_at_its_next_refresh(new_keyring: NewKeyring) -> None:
    here, there = new_keyring(), new_keyring()
    key, _ = make(here)
    assert there.find(key.key_id) is None
    there.refresh()
    assert there.find(key.key_id) == key
    here.revoke(key.key_id, actor="tests", reason="lost")
    there.refresh()
    found = there.find(key.key_id)
    assert found is not None
    assert found.revoked_at_ns is not None
    assert (found.revoked_by, found.revoke_reason) == ("tests", "lost")


def test_a_clock_set_back_does_not_undo_a_revocation(new_keyring: NewKeyring, clock: Any) -> None:
    keyring = new_keyring()
    key, _ = make(keyring)
    clock.step(seconds=-3600)
    keyring.revoke(key.key_id, actor="tests", reason="")
    keyring.refresh()
    found = keyring.find(key.key_id)
    assert found is not None
    assert found.revoked_at_ns is not None


def test_every_version_is_kept(new_keyring: NewKeyring, key_store: Store, clock: Any) -> None:
    keyring = new_keyring()
    key, _ = make(keyring)
    clock.step(seconds=1)
    keyring.revoke(key.key_id, actor="somebody", reason="lost")
    history = Records(key_store, clock).history(KIND, key.key_id, TENANT)
    assert [(record.actor, record.reason) for record in history] == [
        ("tests", "created"),
        ("somebody", "lost"),
    ]


def test_revoking_twice_or_what_is_not_there_is_refused(new_keyring: NewKeyring) -> None:
    keyring = new_keyring()
    key, _ = make(keyring)
    keyring.revoke(key.key_id, actor="tests", reason="")
    with pytest.raises(ConflictError, match="revoked already"):
        keyring.revoke(key.key_id, actor="tests", reason="")
    with pytest.raises(NotFoundError):
        keyring.revoke("000000000000", actor="tests", reason="")


def test_the_number_of_keys_is_bounded(new_keyring: NewKeyring) -> None:
    keyring = new_keyring(keys_max=2)
    make(keyring)
    make(keyring)
    with pytest.raises(InvalidInputError, match="keys_max"):
        make(keyring)
    assert len(keyring.all()) == 2


@pytest.mark.parametrize(
    ("tenants", "all_tenants", "field"),
    [([], False, "tenants"), (["a"], True, "tenants"), (["*"], False, "tenants")]
    + [([name], False, "tenants") for name in ("", " a", "a b", "-a", "a" * 129, "a\n")],
)
def test_a_scope_that_makes_no_sense_is_refused(
    new_keyring: NewKeyring, tenants: list[str], all_tenants: bool, field: str
) -> None:
    keyring = new_keyring()
    with pytest.raises(InvalidInputError) as raised:
        keyring.create(
            "k", [Role.VIEWER], tenants, all_tenants=all_tenants, expires_at_ns=None, actor="t"
        )
    assert raised.value.field == field
    assert keyring.all() == []


def test_an_expiry_in_the_past_is_refused(new_keyring: NewKeyring, clock: Any) -> None:
    with pytest.raises(InvalidInputError, match="past"):
        make(new_keyring(), expires_at_ns=clock())


@pytest.mark.parametrize(
    "damage",
    [{"tenants": []}, {"all_tenants": True}, {"roles": ["king"]}, {"tenants": None}],
)
def test_a_damaged_record_is_no_key(
    new_keyring: NewKeyring, key_store: Store, clock: Any, damage: dict[str, Any]
) -> None:
    keyring = new_keyring()
    key, _ = make(keyring)
    healthy, _ = make(keyring)
    records = Records(key_store, clock)
    records.put(
        KIND, key.key_id, key.body() | damage, tenant=TENANT, actor="nobody", reason="damage"
    )
    keyring.refresh()
    assert keyring.find(key.key_id) is None
    assert keyring.find(healthy.key_id) == healthy


def test_an_admin_of_one_tenant_is_no_way_in(new_keyring: NewKeyring, clock: Any) -> None:
    keyring = new_keyring()
    roles = [Role.ADMIN]
    keyring.create("k", roles, ["a"], all_tenants=False, expires_at_ns=None, actor="t")
    assert not keyring.has_admin()
    soon = clock() + 1_000
    keyring.create("k", roles, [], all_tenants=True, expires_at_ns=soon, actor="t")
    assert keyring.has_admin()
    clock.step(ns=1_000)
    assert not keyring.has_admin()


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        ((), (), True),
        ((), ("a",), True),
        (("a",), ("a",), True),
        (("a", "b"), ("b",), True),
        (("a",), ("a", "b"), False),
        (("a",), ("b",), False),
        (("a",), (), False),
    ],
)
def test_reaches(own: tuple[str, ...], others: tuple[str, ...], expected: bool) -> None:
    assert reaches(Principal("k", "k", frozenset(), own), others) is expected
