"""The change of a product of factors, shared out between them exactly and alike."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Digits everything is reckoned with. Money has at most 38, so what divisions leave behind is far
#: below its last digit. Callers reckon inside `localcontext(CONTEXT)`.
CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)

#: The last digit of money.
MONEY = Decimal(1).scaleb(-18)

_ZERO = Decimal(0)
_ONE = Decimal(1)


def shares(before: Sequence[Decimal], after: Sequence[Decimal]) -> list[Decimal]:
    r"""Share out the change of a product: the Shapley value of every factor.

    A factor's share is what its change does to the product, averaged over every order in which
    the factors could have changed one after the other. The shares add up to the change, do not
    depend on the order the factors are written in, and are 0 for a factor that did not change.
    With two factors they are Bennet's midpoint weights.

    The average is not taken order by order. With :math:`x_j(t) = a_j + t (b_j - a_j)` it is

    .. math:: \varphi_i = (b_i - a_i) \int_0^1 \prod_{j \neq i} x_j(t) \, dt

    since a product is its own multilinear extension; the integral of the polynomial is exact.

    Parameters
    ----------
    before, after
        The factors' values, in one order.

    Examples
    --------
    >>> [str(share) for share in shares([Decimal(10), Decimal(2)], [Decimal(20), Decimal(3)])]
    ['25.0', '15']

    References
    ----------
    T. L. Bennet, The theory of measurement of changes in cost of living, Journal of the Royal
    Statistical Society 83 (1920).
    L. S. Shapley, A value for n-person games, Contributions to the Theory of Games II (1953).
    G. Owen, Multilinear extensions of games, Management Science 18 (1972).
    A. F. Shorrocks, Decomposition procedures for distributional analysis: a unified framework based
    on the Shapley value, Journal of Economic Inequality 11 (2013).
    """
    moved = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    still = prod((old for i, old in enumerate(before) if i not in moved), start=_ONE)
    found = [_ZERO] * len(before)
    for i in moved:
        others = [(before[j], after[j] - before[j]) for j in moved if j != i]
        found[i] = still * (after[i] - before[i]) * _integral(others)
    return found


def _integral(lines: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """Integrate the product of lines `start + t * slope` over t from 0 to 1."""
    powers = [_ONE]
    for start, slope in lines:
        powers = [
            start * low + slope * high
            for low, high in zip([*powers, _ZERO], [_ZERO, *powers], strict=True)
        ]
    return sum((power / (n + 1) for n, power in enumerate(powers)), _ZERO)


def rounded(parts: Mapping[str, Decimal], total: Decimal) -> dict[str, Decimal]:
    """Round parts to whole last digits of money so that they still add up to `total`.

    What rounding leaves goes to the largest part, to the first of them where several are.

    Examples
    --------
    >>> third = Decimal(1) / 3
    >>> parts = rounded({"a": third, "b": third, "c": third}, Decimal(1))
    >>> str(parts["a"]), str(parts["b"])
    ('0.333333333333333334', '0.333333333333333333')
    """
    found = {name: part.quantize(MONEY, context=CONTEXT) for name, part in parts.items()}
    rest = total - sum(found.values(), _ZERO)
    if rest:
        largest = max(found, key=lambda name: abs(found[name]))
        found[largest] += rest
    return {name: part for name, part in found.items() if part}
