"""Feeds the program scripts, and compares with whole drawings kept by a list."""

import random

from grading import Report, candidate, equal

BUILD = (
    "c++ -std=c++17 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined"
    " -fno-sanitize-recover=all -o /tmp/draw src/*.cpp"
)


class Model:
    """Drawings are tuples of (name, x, y); a step is the drawing before it."""

    def __init__(self):
        self.drawing, self.done, self.undone = (), [], []
        self.group, self.said = None, []

    def find(self, name):
        for place, shape in enumerate(self.drawing):
            if shape[0] == name:
                return place
        raise ValueError("no shape " + name)

    def free(self, name):
        if any(shape[0] == name for shape in self.drawing):
            raise ValueError("there is a shape " + name)

    def changed(self, words):
        """The drawing after a change; None: it is none."""
        kind, now = words[0], self.drawing
        if kind == "add" and len(words) == 4:
            self.free(words[1])
            return (*now, (words[1], int(words[2]), int(words[3])))
        if kind == "move" and len(words) == 4:
            at = self.find(words[1])
            name, x, y = now[at]
            moved = (name, x + int(words[2]), y + int(words[3]))
            return (*now[:at], moved, *now[at + 1 :])
        if kind == "rename" and len(words) == 3:
            at = self.find(words[1])
            if words[1] != words[2]:
                self.free(words[2])
            return (*now[:at], (words[2], *now[at][1:]), *now[at + 1 :])
        if kind == "delete" and len(words) == 2:
            at = self.find(words[1])
            return now[:at] + now[at + 1 :]
        if kind == "raise" and len(words) == 2:
            at = self.find(words[1])
            return (*now[:at], *now[at + 1 :], now[at])
        return None

    def line(self, line):
        words = line.split()
        if not words:
            return
        try:
            after = self.changed(words)
            if after is not None:
                self.undone = []
                if self.group is None:
                    self.done.append(self.drawing)
                else:
                    self.group[1] = True
                self.drawing = after
            else:
                self.other(words)
        except ValueError as why:
            self.said.append("refused: %s" % why)

    def other(self, words):
        kind = words[0] if len(words) == 1 else None
        if kind == "list":
            self.said += ["%s %d %d" % shape for shape in self.drawing] + ["--"]
        elif kind in ("undo", "redo", "begin"):
            if self.group is not None:
                raise ValueError("a group is open")
            if kind == "begin":
                self.group = [self.drawing, False]
                return
            source, target = self.done, self.undone
            if kind == "redo":
                source, target = target, source
            if not source:
                raise ValueError("nothing to " + kind)
            target.append(self.drawing)
            self.drawing = source.pop()
        elif kind in ("commit", "rollback"):
            if self.group is None:
                raise ValueError("no group is open")
            before, has_changed = self.group
            self.group = None
            if kind == "rollback":
                self.drawing = before
            elif has_changed:
                self.done.append(before)
        else:
            raise ValueError("no command " + words[0])


def check(script):
    model = Model()
    for line in script:
        model.line(line)
    done = candidate(["/tmp/draw"], input="".join(line + "\n" for line in script))
    equal((done.exit, done.errors[:800]), (0, ""))
    equal(done.out.splitlines(), model.said)


ABC = "add a 1 2;add b 3 4;add c -5 6;"
CASES = {
    "what there was before": ABC + "move b 1 -1;rename c d;list;raise a;list;delete b;list",
    "undo of each command": ABC + "list;undo;undo;undo;list;undo;list",
    "undo of delete at the bottom": ABC + "delete a;undo;list",
    "undo of delete in the middle": ABC + "delete b;undo;list",
    "undo of two deletes": ABC + "delete b;delete a;list;undo;undo;list",
    "undo of raise": ABC + "raise b;list;undo;list;raise c;undo;list",
    "a refused command is no step": ABC + "add a 0 0;delete x;move x 1 1;rename a b;undo;list",
    "refused at the very beginning": "delete x;undo;list;add a 1 1;list",
    "redo of each command": ABC + "move a 2 2;rename b e;raise a;delete c;" + "undo;" * 7 + "list;" + "redo;list;" * 8,
    "redo of delete after more undo": ABC + "delete b;raise a;undo;undo;undo;redo;redo;list;redo;list;undo;undo;list",
    "a change forgets what was undone": ABC + "undo;add d 0 0;redo;list",
    "a refused command forgets nothing": ABC + "undo;add a 0 0;frob;undo 3;redo;list",
    "list forgets nothing": ABC + "undo;list;redo;list",
    "a name renamed to itself is a step": ABC + "rename a a;undo;list;undo;list",
    "a move of nothing is a step": ABC + "move a 0 0;undo;undo;list",
    "a group is one step": ABC + "begin;add d 0 0;delete a;move d 5 5;commit;list;undo;list;redo;list;undo;undo;list",
    "a group undone backwards": "add a 0 0;begin;rename a b;add a 7 7;delete b;commit;undo;list;redo;list",
    "an empty group is no step": ABC + "begin;commit;undo;list",
    "a group of refused commands": ABC + "begin;delete x;add a 0 0;commit;undo;list",
    "a refused command in a group": ABC + "begin;move a 1 1;delete x;raise a;commit;list;undo;list",
    "an empty group forgets nothing": ABC + "undo;begin;delete x;commit;redo;list",
    "a group that changed forgets at once": ABC + "undo;begin;move a 1 1;rollback;redo;list",
    "rollback": ABC + "begin;delete b;raise a;rename c d;rollback;list;undo;list",
    "rollback of nothing": ABC + "undo;begin;rollback;redo;list",
    "not while a group is open": ABC + "undo;begin;undo;redo;begin;list;commit;redo;list",
    "not without a group": "commit;rollback;" + ABC + "begin;commit;commit;list",
    "a group at the end of the input": ABC + "begin;delete a",
    "words after a command": ABC + "redo 1;begin x;commit x;rollback x;undo x;list x;list",
    "words that are no command": ABC + "begin;delete a;aaa;commi;frob;lis;lists;redone;rollbacks;undone;zoom;rollback;redone;zoom;list",
    "blank lines": ";;" + ABC + "  ; list ;undo;;redo;list",
}


def drawn(seed):
    chance = random.Random(seed)
    names = "abcdef"
    kinds = ["add"] * 6 + ["move"] * 3 + ["rename"] * 3 + ["delete"] * 3 + ["raise"] * 3
    kinds += ["undo"] * 8 + ["redo"] * 6 + ["begin"] * 2 + ["commit"] * 2 + ["rollback", "list"]
    script = []
    for _ in range(300):
        kind = chance.choice(kinds)
        name, other = chance.choice(names), chance.choice(names)
        x, y = chance.randint(-9, 9), chance.randint(-9, 9)
        if kind in ("add", "move"):
            script.append("%s %s %d %d" % (kind, name, x, y))
        elif kind == "rename":
            script.append("rename %s %s" % (name, other))
        elif kind in ("delete", "raise"):
            script.append("%s %s" % (kind, name))
        else:
            script.append(kind)
        script.append("list")
    return script


with Report() as report:
    with report.test("compiles without a warning"):
        equal(candidate(["sh", "-c", BUILD], timeout=90).exit, 0)
    for name, script in CASES.items():
        with report.test(name):
            check(script.split(";"))
    for seed in range(10):
        with report.test("a script drawn from seed %d" % seed):
            check(drawn(seed))
