"""Cells that are the same in every table with the same totals."""

from collections.abc import Iterable, Sequence

import numpy as np

from sitegen.stats.trials import BoolArray, IntArray


def told(
    passed: IntArray,
    trials: IntArray,
    rows: IntArray,
    columns: IntArray,
    groups: Sequence[IntArray] = (),
    *,
    cells: IntArray | None = None,
) -> BoolArray:
    """Which cells follow from the totals of rows and columns and of some groups.

    From rows and columns exactly; a group adds its cells where those that are open
    yet all passed or all failed. Both in turns, until neither tells more.

    Args:
        passed: Shape (n_places,), whole. A place is a cell, or a cell in one sweep.
        trials: The same shape.
        rows: The row of each place; -1: of none whose total is told.
        columns: Its column.
        groups: By kind, the group of each place; -1: none.
        cells: The cell of each place: what is the same in all of it is told, too.
    """
    known = np.zeros(len(passed), dtype=np.bool_)
    places = np.arange(len(passed))
    while True:
        before = int(known.sum())
        open_ = np.flatnonzero(~known)
        parts = passed[open_], trials[open_], rows[open_], columns[open_]
        known[open_] = fixed(*parts, places[open_])
        for group in groups:
            inside = np.flatnonzero(~known & (group >= 0))
            got, most = (
                np.bincount(group[inside], weights=of[inside])[group[inside]]
                for of in (passed, trials)
            )
            known[inside[(got == 0) | (got == most)]] = True
        if int(known.sum()) == before:
            break
    if cells is not None:
        known[open_] |= fixed(*parts, cells[open_])
    return known


def fixed(
    passed: IntArray,
    trials: IntArray,
    rows: IntArray,
    columns: IntArray,
    cells: IntArray,
) -> BoolArray:
    """Which cells have one value in all tables with these sums of rows and columns.

    A row or column -1 has no sum that is told. Places of one cell in the same row and
    column are one: what is told is their sum.

    Two tables with the same sums differ by cycles, along which cells gain and lose
    one in turns. So with an arc from row to column where a cell may gain, and one back
    where it may lose, a cell is fixed where it lies on no cycle: its ends are in two
    strongly connected components, or nothing but itself joins two parts of one. Linear
    in the number of cells.

    Source:
        Gusfield (1988), SIAM Journal on Computing 17(3), section 3, for cells that
        hold any whole number up to a bound.
    """
    row, column, n_nodes, place = _edges(rows, columns, cells)
    got, most = (np.bincount(place, weights=of) for of in (passed, trials))
    gains, loses = got < most, got > 0
    arcs: list[list[int]] = [[] for _ in range(n_nodes)]
    for tail, head in (
        *zip(row[gains].tolist(), column[gains].tolist(), strict=True),
        *zip(column[loses].tolist(), row[loses].tolist(), strict=True),
    ):
        arcs[tail].append(head)
    part = np.array(_components(arcs), dtype=np.int64)
    found: BoolArray = part[row] != part[column]
    if (gains & loses & ~found).any():  # who can only gain, or lose, is on a cycle
        inside = np.flatnonzero(~found)
        found[inside[_bridges(row[inside], column[inside], n_nodes)]] = True
    return found[place]


def alone(rows: IntArray, columns: IntArray, cells: IntArray) -> BoolArray:
    """Which cells follow from such sums whatever their values.

    Such a cell is on no cycle at all: without it, its row and column would not be
    joined.
    """
    row, column, n_nodes, place = _edges(rows, columns, cells)
    found = np.zeros(len(row), dtype=np.bool_)
    found[_bridges(row, column, n_nodes)] = True
    return found[place]


def _edges(
    rows: IntArray, columns: IntArray, cells: IntArray
) -> tuple[IntArray, IntArray, int, IntArray]:
    """The two ends of each edge, how many ends there are, and the edge of each place.

    All rows and columns without a total are one end: what it gains no total tells.
    """
    parts = np.stack([rows, columns, cells])
    (row, column, _), edge = np.unique(parts, axis=1, return_inverse=True)
    end = np.where(column < 0, 0, column + row.max(initial=-1) + 2)
    n_nodes = int(max(row.max(initial=-1) + 1, end.max(initial=0))) + 1
    return row + 1, end, n_nodes, edge.reshape(-1)


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
    starts: IntArray, stops: IntArray, n_nodes: int
) -> list[int]:
    """The edges without which their two ends would not be joined."""
    edges: list[list[tuple[int, int]]] = [[] for _ in range(n_nodes)]
    ends = zip(starts.tolist(), stops.tolist(), strict=True)
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
