"""A million random calls under random price changes: the ledger against Decimal arithmetic."""

from bisect import bisect_right
from decimal import Decimal, localcontext

import numpy as np
import pytest

from sql.migrate import Migrator
from tests.cost import worlds

HOUR_NS = 3_600_000_000_000
MODELS = ["gpt-a", "gpt-b", "gpt-c"]
TENANTS = ["north", "south"]
METERS = ("input", "output")
BATCHES = 5


class Oracle:
    """Prices as a list of steps in time for each model and meter; what a book says, and no more."""

    def __init__(self, rng):
        self._rng = rng
        self.steps = {(model, meter): [(0, None)] for model in MODELS for meter in METERS}

    def change(self, from_ns, to_ns):
        """Set a price for a random stretch of time; now and then take one away."""
        keys = list(self.steps)
        key = keys[self._rng.integers(len(keys))]
        start, end = sorted(int(t) for t in self._rng.integers(from_ns, to_ns, 2))
        end = end if self._rng.random() < 0.5 else worlds.FAR_NS
        amount = Decimal(int(self._rng.integers(1, 10**12))).scaleb(-18)
        price = amount if self._rng.random() < 0.9 else None
        after = self.price(key, end)
        kept = [step for step in self.steps[key] if not start <= step[0] <= end]
        self.steps[key] = sorted([*kept, (start, price), (end, after)], key=lambda step: step[0])

    def price(self, key, at_ns):
        steps = self.steps[key]
        return steps[bisect_right([at for at, _ in steps], at_ns) - 1][1]

    def points(self):
        found = []
        for (model, meter), steps in self.steps.items():
            ends = [at - 1 for at, _ in steps[1:]] + [worlds.FAR_NS]
            for (start, price), end in zip(steps, ends, strict=True):
                if price is not None and end >= start:
                    window = {"valid_from": start, "valid_to": end}
                    found.append(worlds.point(model, meter, price, **window))
        return found

    def total(self, events, stored):
        """Sum up what the stored events cost, and count those without a price."""
        cost, unpriced = Decimal(0), 0
        for (model, meter), steps in self.steps.items():
            wanted = stored & (events["model"] == MODELS.index(model))
            step_of = np.searchsorted([at for at, _ in steps], events["at_ns"][wanted], "right") - 1
            quantities = events[meter][wanted]
            for number, (_, price) in enumerate(steps):
                here = quantities[step_of == number]
                if price is None:
                    unpriced += len(here)
                else:
                    # Every quantity is an integer, so nothing is rounded anywhere.
                    cost += sum(price * int(quantity) for quantity in here)
        return cost, unpriced


def ledger(store, known_ns):
    text = """
        SELECT sum(c.cost) AS cost, sum(c.unpriced) AS unpriced
        FROM (SELECT cost, unpriced, hour FROM charge_sums(known_ns = {known_ns:Int64})) AS c
        WHERE hour >= toDateTime(0, 'UTC')
    """
    return worlds.rows(store, text, known_ns=known_ns)[0]


def raw(store):
    text = "SELECT sum(c.cost) AS cost, sum(c.unpriced) AS unpriced FROM charges AS c FINAL"
    return worlds.rows(store, text)[0]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "count"), [(1, 1_000_000), (2, 20_000), (3, 20_000)])
def test_charges_and_corrections_equal_an_independent_recomputation(
    embedded, tmp_path, seed, count
):
    rng = np.random.default_rng(seed)
    store = embedded.open()
    Migrator(store).apply()
    parts = worlds.cost_parts(store, restatement_rows_max=500_000)
    to_ns = parts.clock() // HOUR_NS * HOUR_NS
    from_ns = to_ns - 20 * 24 * HOUR_NS
    events = worlds.write_events(
        store,
        tmp_path / "events.parquet",
        rng,
        count,
        models=MODELS,
        tenants=TENANTS,
        from_ns=from_ns,
        to_ns=to_ns,
        batches=BATCHES,
    )
    oracle = Oracle(rng)
    believed = []
    version = 0
    with localcontext() as context:
        context.prec = 60
        for batch in range(BATCHES):
            for _ in range(2):
                oracle.change(from_ns, to_ns)
            version += 1
            worlds.publish(store, version, oracle.points(), change_id=f"change {version}")
            worlds.store_events(store, batch)
            worlds.restate(parts)
            if rng.random() < 0.6:
                worlds.roll_up(parts)
            cost, unpriced = oracle.total(events, events["batch"] <= batch)
            assert ledger(store, parts.clock()) == {"cost": cost, "unpriced": unpriced}
            believed.append((parts.clock(), cost, unpriced))
        # The same batch sent once more changes nothing, in the rows, the sums or the books.
        worlds.store_events(store, 0)
        worlds.roll_up(parts)
        assert ledger(store, parts.clock()) == {"cost": cost, "unpriced": unpriced}
        assert raw(store) == {"cost": cost, "unpriced": unpriced}
        for known_ns, cost, unpriced in believed:
            assert ledger(store, known_ns) == {"cost": cost, "unpriced": unpriced}
