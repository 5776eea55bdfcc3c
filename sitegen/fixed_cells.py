"""Cells that are the same in every table with the same totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.stats.trials import BoolArray, IntArray


def told(
    passed: IntArray,
    trials: IntArray,
    rows: IntArray,
    columns: IntArray,
    groups: Sequence[IntArray] = (),
) -> BoolArray:
    """Which cells follow from the totals of rows and columns and of some groups.

    From rows and columns exactly; a group adds its cells where those that are open
    yet all passed or all failed. Both in turns, until neither tells more.

    Args:
        passed: Shape (n_cells,), whole.
        trials: The same shape.
        rows: The row of each cell.
        columns: Its column.
        groups: The places of the cells of each group.
    """
    known = np.zeros(len(passed), dtype=np.bool_)
    while True:
        before = int(known.sum())
        open_ = np.flatnonzero(~known)
        parts = passed[open_], trials[open_], rows[open_], columns[open_]
        known[open_] = fixed(*parts)
        for group in groups:
            left = group[~known[group]]
            if passed[left].sum() in {0, trials[left].sum()}:
                known[left] = True
        if int(known.sum()) == before:
            return known


def fixed(
    passed: IntArray, trials: IntArray, rows: IntArray, columns: IntArray
) -> BoolArray:
    """Which cells have one value in all tables with these sums of rows and columns.

    Two tables with the same sums differ by cycles, along which cells gain and lose
    one in turns. So with an arc from row to column where a cell may gain, and one back
    where it may lose, a cell is fixed where it lies on no cycle: its ends are in two
    strongly connected components, or nothing but itself joins two parts of one. Linear
    in the number of cells.

    Source:
        Gusfield (1988), SIAM Journal on Computing 17(3), section 3, for cells that
        hold any whole number up to a bound.
    """
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    column = column + (int(row.max(initial=-1)) + 1)
    n_nodes = int(column.max(initial=-1)) + 1
    gains, loses = passed < trials, passed > 0
    arcs: list[list[int]] = [[] for _ in range(n_nodes)]
    for tail, head in (
        *zip(row[gains].tolist(), column[gains].tolist(), strict=True),
        *zip(column[loses].tolist(), row[loses].tolist(), strict=True),
    ):
        arcs[tail].append(head)
    part = np.array(_components(arcs), dtype=np.int64)
    found: BoolArray = part[row] != part[column]
    inside = np.flatnonzero(~found)
    ends = list(zip(row[inside].tolist(), column[inside].tolist(), strict=True))
    found[inside[_bridges(ends, n_nodes)]] = True
    return found


def _components(arcs: Sequence[Sequence[int]]) -> list[int]:  # noqa: C901 - one walk
    """The strongly connected component of each node (Tarjan 1972)."""
    n = len(arcs)
    part, low, order = [-1] * n, [0] * n, [0] * n
    waiting: list[int] = []
    seen = n_parts = 0
    for root in range(n):
        if order[root]:
            continue
        path = [(root, iter(arcs[root]))]
        while path:
            node, heads = path[-1]
            if not order[node]:
                seen += 1
                order[node] = low[node] = seen
                waiting.append(node)
            for head in heads:
                if not order[head]:
                    path.append((head, iter(arcs[head])))
                    break
                if part[head] < 0:
                    low[node] = min(low[node], order[head])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == order[node]:
                    while part[node] < 0:
                        part[waiting.pop()] = n_parts
                    n_parts += 1
    return part


def _bridges(  # noqa: C901 - one walk
    ends: Sequence[tuple[int, int]], n_nodes: int
) -> list[int]:
    """The edges without which their two ends would not be joined."""
    edges: list[list[tuple[int, int]]] = [[] for _ in range(n_nodes)]
    for edge, (a, b) in enumerate(ends):
        edges[a].append((edge, b))
        edges[b].append((edge, a))
    low, order = [0] * n_nodes, [0] * n_nodes
    seen, found = 0, []
    for root in range(n_nodes):
        if order[root]:
            continue
        path: list[tuple[int, int, Iterable[tuple[int, int]]]]
        path = [(root, -1, iter(edges[root]))]
        while path:
            node, came, others = path[-1]
            if not order[node]:
                seen += 1
                order[node] = low[node] = seen
            for edge, other in others:
                if not order[other]:
                    path.append((other, edge, iter(edges[other])))
                    break
                if edge != came:
                    low[node] = min(low[node], order[other])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                    if low[node] > order[above]:
                        found.append(came)
    return found
