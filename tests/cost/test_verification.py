"""The check that sums are those of their charges."""

import pytest

from cost.verification import SIGNAL, Verification
from sql.migrate import Migrator
from tests.collector.api.kit import HOUR_NS, Sender
from tests.cost import worlds
from tests.cost.worlds import point

DAY_NS = 24 * HOUR_NS


@pytest.fixture
def parts(embedded, tmp_path, clock):
    store = embedded.open()
    Migrator(store).apply()
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    sender = Sender(store, tmp_path, clock)
    for tenant in ("acme", "zeta"):
        attributes = {
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": "gpt-a",
            "gen_ai.usage.input_tokens": 1000,
        }
        sender.spans({"start_ns": clock() - 1, "attributes": attributes}, tenant=tenant)
    parts = worlds.cost_parts(store)
    worlds.roll_up(parts)
    return parts


def signals(parts):
    found = parts.signals.list([], start_ns=0, end_ns=parts.clock() + DAY_NS, kinds=[SIGNAL])
    return sorted((one.tenant, one.severity) for one in found)


def test_right_sums_raise_nothing(parts):
    Verification(parts).run()
    assert signals(parts) == []


def test_a_charge_the_sums_missed_is_told(parts):
    # It was seen long after it was dated, as if its insert had taken minutes.
    parts.store.run_text(
        "INSERT INTO charges "
        "(tenant, time, trace_id, span_id, meter, cost, received_at, booked_at) "
        "SELECT 'acme', time, trace_id, span_id, 'late', 1, received_at, booked_at - 1 "
        "FROM charges WHERE tenant = 'acme' LIMIT 1",
        tag="tests",
    )
    Verification(parts).run()
    assert signals(parts) == [("acme", "critical")]
