"""Compares the sheet, run elsewhere, with one that counts everything anew each time."""

import json
import random
import sys

from grading import Report, candidate, equal

sys.setrecursionlimit(10000)
DRIVER = """
import json, sys
from sheet import Sheet

for line in sys.stdin:
    sheet, answers = Sheet(), []
    changes, asked = json.loads(line)
    for change in changes:
        evaluated = sheet.set(change)
        answers.append([evaluated, [sheet.value(name) for name in asked]])
    print(json.dumps(answers))
"""
SPEED = """
import time
from sheet import Sheet

sheet = Sheet()
chain = {"A%d" % n: "=A%d + 1" % (n - 1) for n in range(2, 50_001)}
sheet.set({"A1": "1", **chain})
side = {"C%d" % n: "=sum(B%d:B%d)" % (n, n + 20) for n in range(1, 20_001)}
sheet.set(side)
began = time.process_time()
found = sheet.set({"A1": "7"})
print(len(found), found[0], found[-1], sheet.value("A50000"), time.process_time() - began < 5)
found = sheet.set({"A1": "=A50000"})
print(found, sheet.value("A1"), sheet.value("A777"))
found = sheet.set({"A1": "=0"})
print(len(found), sheet.value("A50000"))
began = time.process_time()
for n in range(1, 751):
    sheet.set({"B%d" % (n * 10): str(n)})
print(sheet.value("C60"), time.process_time() - began < 5)
began = time.process_time()
for n in range(2000):
    sheet.set({"D1": "=%d" % n, "D2": "=if(D1 < 1000, A50000, C1)"})
print(sheet.value("D2"), time.process_time() - began < 5)
"""
COLUMNS = ["A", "B", "C", "Z", "AA", "AB"]


def names_of(tree):
    kind = tree[0]
    if kind == "cell":
        return {tree[1]}
    if kind == "range":
        return set(tree[3])
    if kind in ("number", "error"):
        return set()
    found = set()
    for each in tree[1:]:
        if isinstance(each, tuple):
            found |= names_of(each)
    return found


class Error(Exception):
    pass


class Model:
    """Evaluates all cells anew after each change; formulas are trees and not texts."""

    def __init__(self):
        self.trees, self.numbers = {}, {}
        self.values, self.cyclic = {}, set()

    def set(self, change):
        before, was_cyclic = dict(self.values), self.cyclic
        for name, (_, tree) in change.items():
            self.trees.pop(name, None)
            self.numbers.pop(name, None)
            if isinstance(tree, tuple) and not broken(tree):
                self.trees[name] = tree
            elif isinstance(tree, int):
                self.numbers[name] = tree
            else:
                self.numbers[name] = "#ERROR"
        edges = {name: names_of(tree) for name, tree in self.trees.items()}
        self.cyclic = {name for name in self.trees if self.reaches(edges, name)}
        self.values = dict(self.numbers)
        for name in self.trees:
            self.find(name)
        evaluated = [
            name
            for name in self.trees
            if name not in self.cyclic
            and (
                name in change
                or name in was_cyclic
                or any(before.get(n, 0) != self.values.get(n, 0) for n in edges[name])
            )
        ]
        return sorted(evaluated, key=order)

    def reaches(self, edges, name):
        seen, waiting = set(), [name]
        while waiting:
            for each in edges.get(waiting.pop(), ()):
                if each == name:
                    return True
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return False

    def find(self, name):
        if name not in self.values:
            if name in self.cyclic:
                self.values[name] = "#CYCLE"
            elif name in self.trees:
                try:
                    self.values[name] = self.evaluate(self.trees[name])
                except Error as error:
                    self.values[name] = error.args[0]
            else:
                return 0
        return self.values[name]

    def look(self, name):
        value = self.find(name)
        if isinstance(value, str):
            raise Error(value)
        return value

    def evaluate(self, tree):
        sign, *parts = tree
        if sign == "number":
            return parts[0]
        if sign == "cell":
            return self.look(parts[0])
        if sign == "neg":
            return -self.evaluate(parts[0])
        if sign == "if":
            return self.evaluate(parts[1] if self.evaluate(parts[0]) else parts[2])
        if sign == "sum":
            total = 0
            for each in parts:
                if each[0] == "range":
                    total += sum([self.look(name) for name in each[3]])
                else:
                    total += self.evaluate(each)
            return total
        left = self.evaluate(parts[0])
        right = self.evaluate(parts[1])
        if sign == "/":
            if not right:
                raise Error("#DIV")
            return left // right
        return {"+": left + right, "-": left - right, "*": left * right, "<": int(left < right), "=": int(left == right)}[sign]


def broken(tree):
    """Whether it has a wrong part, or a range that is not directly in a sum."""
    if tree[0] in ("error", "range"):
        return True
    parts = [each for each in tree[1:] if isinstance(each, tuple)]
    return any(broken(each) for each in parts if tree[0] != "sum" or each[0] != "range")


def order(name):
    letters = name.rstrip("0123456789")
    return int(name[len(letters) :]), len(letters), letters


def text_of(tree):
    sign, *parts = tree
    if sign == "number":
        return str(parts[0])
    if sign == "cell":
        return parts[0]
    if sign == "range":
        return "%s:%s" % (parts[0], parts[1])
    if sign == "neg":
        return "-" + text_of(parts[0])
    if sign == "error":
        return parts[0]
    if sign in ("if", "sum"):
        return "%s(%s)" % (sign, ", ".join(map(text_of, parts)))
    return "(%s %s %s)" % (text_of(parts[0]), sign, text_of(parts[1]))


def a_range(chance):
    left = chance.randrange(3)
    right = chance.randrange(left, 3)
    top = chance.randint(1, 3)
    bottom = chance.randint(top, 3)
    inner = tuple(COLUMNS[c] + str(r) for r in range(top, bottom + 1) for c in range(left, right + 1))
    corners = [(left, top), (right, bottom)]
    if chance.random() < 0.3:
        corners = [(right, top), (left, bottom)]
    if chance.random() < 0.3:
        corners.reverse()
    first, last = (COLUMNS[c] + str(r) for c, r in corners)
    return ("range", first, last, inner)


def a_tree(chance, names, depth=0):
    kind = chance.random()
    if depth > 2 or kind < 0.35:
        return ("cell", chance.choice(names)) if chance.random() < 0.75 else ("number", chance.randint(0, 3))
    if kind < 0.65:
        sign = chance.choice("+-*/<=")
        return (sign, a_tree(chance, names, depth + 1), a_tree(chance, names, depth + 1))
    if kind < 0.82:
        return ("if", *(a_tree(chance, names, depth + 1) for _ in range(3)))
    if kind < 0.95:
        parts = [a_range(chance) if chance.random() < 0.6 else a_tree(chance, names, depth + 1) for _ in range(chance.randint(1, 2))]
        return ("sum", *parts)
    if kind < 0.98:
        return ("neg", a_tree(chance, names, depth + 1))
    wrong = ["max(A1)", "if(1, 2)", "a range", "(3", "sum()", "A", "A1 B1"]
    return ("error", chance.choice(wrong)) if chance.random() < 0.7 else ("+", ("number", 1), a_range(chance))


def drawn(seed):
    chance = random.Random(seed)
    names = [c + str(r) for c in COLUMNS[: chance.choice([2, 3, 6])] for r in range(1, chance.choice([3, 4]) + 1)]
    changes = []
    for _ in range(25):
        change = {}
        for name in chance.sample(names, chance.choice([1, 1, 1, 2, 4])):
            if chance.random() < 0.35:
                number = chance.choice([0, 0, 1, 2, -3, 10**20])
                change[name] = (str(number), number) if number or chance.random() < 0.5 else ("", 0)
            elif chance.random() < 0.04:
                change[name] = (chance.choice(["x", "1.5", "+3", " 4", "--2", "1 2"]), "#ERROR")
            else:
                tree = a_tree(chance, names)
                change[name] = ("=" + text_of(tree), tree)
        changes.append(change)
    return changes, names


def cell(name):
    return ("cell", name)


def written(*changes):
    found = []
    for change in changes:
        found.append({name: (("=" + text_of(v), v) if isinstance(v, tuple) else (str(v), v if isinstance(v, int) else "#ERROR")) for name, v in change.items()})
    return found, sorted({name for change in changes for name in change} | {"A1", "B7"})


ONE, TWO = ("number", 1), ("number", 2)
DIV = ("/", ONE, ("number", 0))
CASES = {
    "numbers and a sum": written({"A1": 3, "B1": ("+", cell("A1"), TWO)}, {"A1": 5}, {"A1": 5}),
    "it stops where a value is the same": written({"A1": 4, "B1": ("<", cell("A1"), ("number", 9)), "C1": ("+", cell("B1"), ONE)}, {"A1": 5}, {"A1": 50}),
    "the same text is evaluated again": written({"A1": ONE, "B1": cell("A1")}, {"A1": ONE}, {"A1": TWO}),
    "a diamond is evaluated once": written({"A1": 1, "B1": ("+", cell("A1"), ONE), "B2": ("*", cell("A1"), TWO), "C1": ("+", cell("B1"), cell("B2"))}, {"A1": 2}),
    "a long and a short way": written({"A1": 1, "B1": cell("A1"), "C1": cell("B1"), "D1": cell("C1"), "E1": ("+", cell("A1"), cell("D1"))}, {"A1": 9}),
    "two changes that cancel out": written({"A1": 1, "A2": 2, "B1": ("+", cell("A1"), cell("A2")), "C1": cell("B1")}, {"A1": 2, "A2": 1}),
    "a number in place of a formula": written({"A1": ("+", ONE, TWO), "B1": cell("A1")}, {"A1": 3}, {"A1": 4}),
    "errors are values": written({"A1": DIV, "B1": ("+", cell("A1"), ONE), "C1": ("if", ONE, TWO, cell("A1"))}, {"A1": 7}, {"A1": "x"}),
    "the first error": written({"A1": DIV, "A2": cell("A2"), "B1": ("+", cell("A1"), cell("A2")), "B2": ("+", cell("A2"), cell("A1"))}),
    "a cell that names itself": written({"A1": cell("A1"), "B1": cell("A1")}, {"A1": ("if", ONE, TWO, cell("A1"))}, {"A1": 2}),
    "a ring that is cut": written({"A1": cell("B1"), "B1": cell("C1"), "C1": cell("A1"), "D1": cell("A1")}, {"C1": 4}, {"C1": cell("D1")}, {"D1": ""}),
    "a ring in the arm that is not chosen": written({"A1": 1, "B1": ("if", cell("A1"), TWO, cell("C1")), "C1": cell("B1"), "D1": ("if", ONE, TWO, cell("B1"))}, {"A1": 0}, {"C1": 5}),
    "out of one ring into another": written({"A1": cell("B1"), "B1": cell("A1")}, {"B1": cell("C1"), "C1": cell("B1")}, {"B1": 3}),
    "two rings that share a cell": written({"A1": ("+", cell("B1"), cell("C1")), "B1": cell("A1"), "C1": cell("A1")}, {"B1": 1}, {"C1": 1}),
    "a cell that was never set": written({"A1": ("+", cell("B7"), ONE)}, {"B7": 0}, {"B7": 3}, {"B7": ""}),
    "division rounds down": written({"A1": ("/", ("neg", ("number", 7)), TWO), "A2": ("/", ("number", 7), ("neg", TWO))}),
}
for value in CASES.values():
    for change in value[0]:
        for name, (text, number) in change.items():
            if text == "":
                change[name] = ("", 0)


def check(cases):
    lines = []
    for changes, asked in cases:
        lines.append(json.dumps([[{n: text for n, (text, _) in c.items()} for c in changes], asked]))
    done = candidate(["python3", "-c", DRIVER], input="\n".join(lines), timeout=30)
    equal((done.exit, done.errors[-500:] if done.exit else ""), (0, ""))
    for line, (changes, asked) in zip(done.out.splitlines(), cases, strict=True):
        model, wanted = Model(), []
        for change in changes:
            evaluated = model.set(change)
            wanted.append([evaluated, [model.find(name) for name in asked]])
        for found, right, change in zip(json.loads(line), wanted, changes, strict=True):
            equal((change, found), (change, right))


with Report() as report:
    for name, case in CASES.items():
        with report.test(name):
            check([case])
    for seed in range(12):
        with report.test("sixty sheets drawn from seed %d" % seed):
            check([drawn(seed * 1000 + each) for each in range(60)])
    with report.test("names of two letters come last, and rows first"):
        changes = [{c + str(r): "=D9" for c in ("AA", "Z", "B") for r in (2, 10, 1)}, {"D9": "1"}]
        done = candidate(["python3", "-c", DRIVER], input=json.dumps([changes, []]))
        names = [c + str(r) for r in (1, 2, 10) for c in ("B", "Z", "AA")]
        equal(json.loads(done.out), [[names, []], [names, []]])
    with report.test("long chains and large sheets"):
        done = candidate(["python3", "-c", SPEED], timeout=150)
        equal(done.exit, 0)
        said = [
            "49999 A2 A50000 50006 True",
            "[] #CYCLE #CYCLE",
            "50000 49999",
            "%d True" % sum(n for n in range(1, 751) if 60 <= n * 10 <= 80),
            "%d True" % sum(n for n in range(1, 751) if 1 <= n * 10 <= 21),
        ]
        equal(done.out.splitlines(), said)
