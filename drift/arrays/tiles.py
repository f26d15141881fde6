"""Sums over pairs of rows, a tile of the matrix at a time; on NumPy's arrays or on CuPy's."""

from __future__ import annotations

from typing import Any

#: Arrays of whichever library `xp` is.
Array = Any


def kernel_sums(
    xp: Any, points: Array, marked: Array, gamma: float, rows: int
) -> tuple[Array, Array, float]:
    """Sum the Gaussian kernel; half of the tiles tell the other half.

    Parameters
    ----------
    xp
        numpy or cupy.
    points
        Shape (N, d), float64.
    marked
        Shape (N, p), float64 of 0 and 1.
    rows
        Of a tile; no more of the kernel than a tile is ever there.

    Returns
    -------
    tuple
        `within`, `marked` and `total` of `drift.arrays.protocol.KernelSums`.
    """
    # Distances do not change when all points move, and squares lose fewer digits.
    points = points - points.mean(axis=0) if len(points) else points
    squares = (points * points).sum(axis=1)
    within = xp.zeros(marked.shape[1])
    sums = xp.zeros(len(points))
    for start in range(0, len(points), rows):
        ours = slice(start, start + rows)
        for other in range(start, len(points), rows):
            theirs = slice(other, other + rows)
            tile = _tile(xp, points[ours], points[theirs], squares[ours], squares[theirs])
            if start == other:
                xp.fill_diagonal(tile, 0.0)
            tile *= gamma
            xp.exp(tile, out=tile)
            products = (marked[ours] * (tile @ marked[theirs])).sum(axis=0)
            within += products if start == other else 2.0 * products
            sums[ours] += tile.sum(axis=1)
            if start != other:
                sums[theirs] += tile.sum(axis=0)
    return within, sums @ marked, float(sums.sum())


def _tile(xp: Any, ours: Array, theirs: Array, our_squares: Array, their_squares: Array) -> Array:
    """Give minus the squared distances, never above 0."""
    tile = ours @ theirs.T
    tile *= 2.0
    tile -= our_squares[:, None]
    tile -= their_squares
    xp.minimum(tile, 0.0, out=tile)
    return tile


def pairs(xp: Any, members: Array, errors: Array, rows: int) -> tuple[Array, Array]:
    """Multiply X'X and X'diag(e)X, `rows` rows at a time; counts below 2**53 stay exact."""
    sizes = xp.zeros((members.shape[1], members.shape[1]))
    sums = xp.zeros_like(sizes)
    for start in range(0, members.shape[0], rows):
        block = members[start : start + rows].astype(xp.float64)
        sizes += block.T @ block
        sums += block.T @ (block * errors[start : start + rows, None])
    return xp.rint(sizes).astype(xp.int64), sums
