"""A sheet of cells with numbers and formulas, which evaluates no more than it must."""

import re

from formula import FormulaError, parse

CELL = re.compile(r"([A-Z]+)([0-9]+)")
NUMBER = re.compile(r"-?[0-9]+")
ARGUMENTS = {"if": 3}


class _Cell:
    __slots__ = ("cyclic", "named", "readers", "tree", "value")

    def __init__(self):
        self.tree = None
        self.value = 0
        self.named = ()
        self.readers = set()
        self.cyclic = False


class _Stop(Exception):
    """An error value comes out of a formula."""


class Sheet:
    """Values are always up to date."""

    def __init__(self):
        self._cells = {}

    def value(self, name):
        """The value of a cell: an int, or a text that begins with "#"."""
        cell = self._cells.get(name)
        return cell.value if cell else 0

    def set(self, changes):
        """Change cells: name -> text; "" empties one. Returns what was evaluated."""
        old = {name: self._cell(name).value for name in changes}
        for name, text in changes.items():
            self._enter(name, text)
        region = self._downstream(changes)
        for name in region:
            old.setdefault(name, self._cells[name].value)
        evaluated = []
        for ring in self._in_order(region):
            cell = self._cells[ring[0]]
            if len(ring) > 1 or ring[0] in cell.named:
                for name in ring:
                    self._cells[name].cyclic = True
                    self._cells[name].value = "#CYCLE"
                continue
            if cell.tree is None:
                cell.cyclic = False
                continue
            (name,) = ring
            is_moved = any(
                each in old and old[each] != self._cells[each].value for each in cell.named
            )
            if name in changes or cell.cyclic or is_moved:
                cell.cyclic = False
                evaluated.append(name)
                try:
                    cell.value = self._evaluate(cell.tree)
                except _Stop as stop:
                    cell.value = stop.args[0]
        return sorted(evaluated)

    def _cell(self, name):
        return self._cells.setdefault(name, _Cell())

    def _enter(self, name, text):
        cell = self._cell(name)
        for each in cell.named:
            self._cells[each].readers.discard(name)
        cell.tree, cell.named = None, ()
        if not text.startswith("="):
            if text == "":
                cell.value = 0
            else:
                cell.value = int(text) if NUMBER.fullmatch(text) else "#ERROR"
            return
        try:
            tree = parse(text[1:])
            named = dict.fromkeys(named_in(tree))
        except FormulaError:
            cell.value = "#ERROR"
            return
        cell.tree, cell.named = tree, tuple(named)
        for each in named:
            self._cell(each).readers.add(name)

    def _downstream(self, names):
        found, waiting = set(names), list(names)
        while waiting:
            for reader in self._cells[waiting.pop()].readers:
                if reader not in found:
                    found.add(reader)
                    waiting.append(reader)
        return found

    def _in_order(self, region):
        """Rings of cells that need each other, and single ones; what is read comes first.

        Tarjan's algorithm, without recursion: chains are long.
        """
        index, low, on_path, path, rings = {}, {}, set(), [], []
        for first in region:
            if first in index:
                continue
            work = [(first, iter(self._cells[first].named))]
            index[first] = low[first] = len(index)
            path.append(first)
            on_path.add(first)
            while work:
                name, rest = work[-1]
                for each in rest:
                    if each not in region:
                        continue
                    if each not in index:
                        index[each] = low[each] = len(index)
                        path.append(each)
                        on_path.add(each)
                        work.append((each, iter(self._cells[each].named)))
                        break
                    if each in on_path:
                        low[name] = min(low[name], index[each])
                else:
                    work.pop()
                    if work:
                        above = work[-1][0]
                        low[above] = min(low[above], low[name])
                    if low[name] == index[name]:
                        at = path.index(name) if path[-1] != name else len(path) - 1
                        ring = path[at:]
                        del path[at:]
                        on_path.difference_update(ring)
                        rings.append(ring)
        return rings

    def _read(self, name):
        value = self._cells[name].value
        if isinstance(value, str):
            raise _Stop(value)
        return value

    def _evaluate(self, tree):
        kind, *rest = tree
        if kind == "number":
            return rest[0]
        if kind == "cell":
            return self._read(rest[0])
        if kind == "neg":
            return -self._evaluate(rest[0])
        if kind == "call":
            return self._call(*rest)
        left, right = self._evaluate(rest[0]), self._evaluate(rest[1])
        if kind == "+":
            return left + right
        if kind == "-":
            return left - right
        if kind == "*":
            return left * right
        if kind == "<":
            return int(left < right)
        if kind == "=":
            return int(left == right)
        if right == 0:
            raise _Stop("#DIV")
        return left // right

    def _call(self, name, arguments):
        if name == "if":
            test = self._evaluate(arguments[0])
            return self._evaluate(arguments[1] if test else arguments[2])
        total = 0
        for argument in arguments:
            if argument[0] == "range":
                for each in cells_of(*argument[1:]):
                    total += self._read(each)
            else:
                total += self._evaluate(argument)
        return total


def named_in(tree):
    """Every cell that a formula names.

    Raises:
        FormulaError: It calls what there is not, or has a range at a wrong place.
    """
    kind, *rest = tree
    if kind == "number":
        return
    if kind == "cell":
        yield rest[0]
    elif kind == "range":
        raise FormulaError("a range outside of sum")
    elif kind == "call":
        name, arguments = rest
        if name not in ("if", "sum") or ARGUMENTS.get(name, len(arguments)) != len(arguments):
            raise FormulaError(name)
        for argument in arguments:
            if name == "sum" and argument[0] == "range":
                yield from cells_of(*argument[1:])
            else:
                yield from named_in(argument)
    else:
        for each in rest:
            yield from named_in(each)


def column(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def place(name):
    letters, digits = CELL.fullmatch(name).groups()
    return int(digits), column(letters)


def cells_of(first, last):
    (top, left), (bottom, right) = place(first), place(last)
    for row in range(min(top, bottom), max(top, bottom) + 1):
        for number in range(min(left, right), max(left, right) + 1):
            letters, rest = "", number
            while rest:
                rest, digit = divmod(rest - 1, 26)
                letters = chr(65 + digit) + letters
            yield letters + str(row)
