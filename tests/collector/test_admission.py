from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.admission import REQUEST_OVERHEAD_BYTES, Admission
from collector.errors import OverloadedError

KIB = 1024


def new_admission(limit=1000 * KIB, tenant_limit=500 * KIB):
    return Admission(
        limit_bytes=limit,
        tenant_limit_bytes=tenant_limit,
        retry_after_max_s=30,
        rng=random.Random(3),
    )


def test_a_lease_gives_everything_back():
    admission = new_admission()
    with admission.lease("a") as lease:
        lease.grow(100)
        lease.shrink(40)
        assert admission.held_by("a") == REQUEST_OVERHEAD_BYTES + 60
    assert (admission.held_bytes, admission.held_by("a")) == (0, 0)


def test_a_lease_gives_everything_back_after_an_error():
    admission = new_admission()
    lease = admission.lease("a")
    with pytest.raises(OverloadedError), lease:
        lease.grow(1000 * KIB)
    assert admission.held_bytes == 0


def test_a_refused_growth_holds_what_was_held():
    admission = new_admission()
    with admission.lease("a") as lease:
        before = lease.held_bytes
        with pytest.raises(OverloadedError, match="this tenant"):
            lease.grow(500 * KIB)
        assert lease.held_bytes == before
        assert admission.held_bytes == before


def test_the_budget_of_all_is_bounded():
    admission = new_admission(limit=20 * KIB, tenant_limit=20 * KIB)
    admission.lease("a")
    admission.lease("b")
    with pytest.raises(OverloadedError, match="the service"):
        admission.lease("c")


def test_tiny_requests_are_bounded_too():
    admission = new_admission()
    for _ in range(500 // 8):
        admission.lease("a")
    with pytest.raises(OverloadedError):
        admission.lease("a")


def test_a_flood_leaves_room_for_the_others():
    admission = new_admission(tenant_limit=1000 * KIB)
    flood = admission.lease("flood")
    small = admission.lease("small")
    while admission.held_bytes < 740 * KIB:
        flood.grow(10 * KIB)
    with pytest.raises(OverloadedError, match="share"):
        flood.grow(50 * KIB)
    small.grow(200 * KIB)
    assert admission.held_by("small") > 200 * KIB


def test_a_tenant_alone_has_no_share_to_keep():
    admission = new_admission(tenant_limit=1000 * KIB)
    admission.lease("a").grow(990 * KIB)
    assert admission.held_bytes == 998 * KIB


def test_the_delay_is_jittered_within_its_bounds():
    admission = new_admission()
    delays = {admission.retry_after_s() for _ in range(500)}
    assert delays == set(range(1, 31))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300 * KIB)), max_size=30))
def test_no_bound_is_ever_passed(requests):
    admission = new_admission()
    leases, delays = [], []
    for tenant, count in requests:
        try:
            lease = admission.lease(tenant)
            leases.append(lease)
            lease.grow(count)
        except OverloadedError as error:
            delays.append(error.retry_after_s)
        assert admission.held_bytes <= 1000 * KIB
        assert all(admission.held_by(name) <= 500 * KIB for name in "abc")
        assert admission.held_bytes == sum(map(admission.held_by, "abc"))
    for lease in leases:
        lease.shrink(lease.held_bytes)
    assert admission.held_bytes == 0
    assert all(1 <= delay <= 30 for delay in delays)
