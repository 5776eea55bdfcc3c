"""Feeds the program scripts, and compares with the rules written down as one table."""

import random

from grading import Report, candidate, equal


class Model:
    """Everything in dictionaries; a line is a list of [person, until or None]."""

    def __init__(self):
        self.day, self.off, self.items = 0, set(), {}
        self.lent, self.lines, self.said = {}, {}, []

    def works(self, day):
        return day % 7 < 5 and day not in self.off

    def later(self, day):
        while not self.works(day):
            day += 1
        return day

    def third(self, day):
        left = 3
        while left:
            day += 1
            left -= self.works(day)
        return day

    def turn(self, item, day):
        if self.lines.get(item):
            self.lines[item][0][1] = self.third(day)

    def line(self, words):
        name, *rest = words
        known = {"item": 2, "holiday": 1, "days": 1, "borrow": 2, "extend": 1, "return": 1, "loans": 0, "hold": 2, "cancel": 2, "holds": 0}
        if known.get(name) != len(rest):
            self.said.append("refused: no command " + name)
            return
        refused = getattr(self, "do_" + name)(*rest)
        if refused:
            self.said.append("refused: " + refused)

    def do_item(self, item, days):
        self.items[item] = int(days)

    def do_holiday(self, day):
        self.off.add(int(day))

    def do_days(self, count):
        for _ in range(int(count)):
            self.day += 1
            for item, line in self.lines.items():
                if line and line[0][1] is not None and line[0][1] < self.day:
                    (_, until) = line.pop(0)
                    self.turn(item, until)

    def mine(self, person):
        return [item for item, (who, _, _) in self.lent.items() if who == person]

    def do_borrow(self, item, person):
        line = self.lines.get(item, [])
        mine = self.mine(person)
        for refused, why in (
            (not self.works(self.day), "the desk is closed"),
            (item not in self.items, "no item " + item),
            (item in self.lent, item + " is lent"),
            (line and line[0][1] is not None and line[0][0] != person, "%s is kept for %s" % (item, line[0][0] if line else "")),
            (any(self.lent[each][1] < self.day for each in mine), person + " has something overdue"),
            (len(mine) >= 3, person + " has 3 things"),
        ):
            if refused:
                return why
        if line:
            line.pop(0)
        due = self.later(self.day + self.items[item])
        self.lent[item] = [person, due, 0]
        self.said.append("due %d" % due)

    def do_extend(self, item):
        if item not in self.items:
            return "no item " + item
        if item not in self.lent:
            return item + " is not lent"
        loan = self.lent[item]
        if loan[1] < self.day:
            return item + " is overdue"
        if loan[2] == 2:
            return item + " was extended 2 times"
        if self.lines.get(item):
            return "somebody waits for " + item
        loan[1], loan[2] = self.later(self.day + self.items[item]), loan[2] + 1
        self.said.append("due %d" % loan[1])

    def do_return(self, item):
        if not self.works(self.day):
            return "the desk is closed"
        if item not in self.items:
            return "no item " + item
        if item not in self.lent:
            return item + " is not lent"
        late = self.day - self.lent.pop(item)[1]
        self.turn(item, self.day)
        self.said.append("%d days late" % late if late > 0 else "in time")

    def do_loans(self):
        for due, item in sorted((loan[1], item) for item, loan in self.lent.items()):
            late = " late" if due < self.day else ""
            self.said.append("%s %s %d%s" % (item, self.lent[item][0], due, late))
        self.said.append(".")

    def do_hold(self, item, person):
        line = self.lines.get(item, [])
        asked = sum(who == person for each in self.lines.values() for who, _ in each)
        for refused, why in (
            (item not in self.items, "no item " + item),
            (item in self.mine(person), "%s has %s" % (person, item)),
            (any(who == person for who, _ in line), "%s waits for %s already" % (person, item)),
            (item not in self.lent and not line, item + " is there"),
            (asked >= 2, person + " waits for 2 things"),
        ):
            if refused:
                return why
        self.lines.setdefault(item, []).append([person, None])
        self.said.append("place %d" % sum(until is None for _, until in self.lines[item]))

    def do_cancel(self, item, person):
        if item not in self.items:
            return "no item " + item
        line = self.lines.get(item, [])
        for place, (who, until) in enumerate(line):
            if who == person:
                del line[place]
                if until is not None:
                    self.turn(item, self.day)
                return None
        return "%s does not wait for %s" % (person, item)

    def do_holds(self):
        for item in sorted(self.lines):
            for who, until in self.lines[item]:
                state = "waits" if until is None else "until %d" % until
                self.said.append("%s %s %s" % (item, who, state))
        self.said.append(".")


def check(script):
    model = Model()
    for line in script:
        model.line(line.split())
    done = candidate(["python3", "-m", "desk.cli"], input="".join(line + "\n" for line in script))
    equal((done.exit, done.errors[-400:]), (0, ""))
    equal(done.out.splitlines(), model.said)


START = "holiday 9;item saw 7;item axe 3;item vice 14;item jack 5;borrow saw ada;"
CASES = {
    "what there was before": START + "loans;extend saw;days 5;borrow axe bo;days 2;borrow axe bo;days 7;loans;extend saw;return saw;return saw;borrow rope bo;frob",
    "three things": START + "borrow axe ada;borrow vice ada;borrow jack ada;days 4;borrow jack ada;loans",
    "places in the line": START + "hold saw bo;hold saw cy;hold saw di;holds",
    "kept for the first": START + "hold saw bo;hold saw cy;return saw;holds;borrow saw cy;borrow saw bo;holds;loans",
    "kept over a weekend": START + "hold saw bo;days 3;return saw;holds",
    "kept over a weekend and a holiday": START + "hold saw bo;days 4;return saw;holds",
    "the last day still counts": START + "hold saw bo;return saw;days 3;holds;borrow saw bo;loans",
    "not fetched, and the next": START + "hold saw bo;hold saw cy;return saw;days 4;holds;borrow saw bo;days 3;borrow saw cy",
    "not fetched by several, while many days pass": START + "hold saw bo;hold saw cy;hold saw di;return saw;days 8;holds;days 60;holds;borrow saw eve",
    "nobody is left": START + "hold saw bo;return saw;days 4;holds;hold saw cy;borrow saw cy",
    "place behind somebody for whom it is kept": START + "hold saw bo;return saw;hold saw cy;hold saw di;holds",
    "cancelling while waiting": START + "hold saw bo;hold saw cy;cancel saw bo;holds;cancel saw bo;return saw;holds",
    "cancelling what is kept": START + "hold saw bo;hold saw cy;return saw;days 2;cancel saw bo;holds;borrow saw cy",
    "cancelling the last": START + "hold saw bo;return saw;cancel saw bo;holds;borrow saw di",
    "cancelling behind the first changes nothing for it": START + "hold saw bo;hold saw cy;return saw;days 1;cancel saw cy;holds",
    "on closed days": START + "days 5;hold saw bo;holds;cancel saw bo;holds;return saw;extend saw",
    "refusals of hold": START + "hold rope bo;hold saw ada;hold axe bo;hold saw bo;hold saw bo;return saw;hold saw bo;borrow axe cy;borrow jack cy;hold axe bo;hold jack bo;hold saw ada;holds",
    "kept ones count for two things": START + "borrow axe cy;borrow jack cy;hold saw bo;hold axe bo;return saw;hold jack bo;borrow saw bo;hold jack bo",
    "refusals of cancel": START + "cancel rope bo;cancel saw bo;cancel saw ada",
    "no extension while somebody waits": START + "hold saw bo;extend saw;cancel saw bo;extend saw;hold saw bo;days 20;extend saw",
    "extended twice comes first": START + "extend saw;extend saw;hold saw bo;extend saw",
    "a borrow that is refused keeps the hold": START + "borrow axe bo;borrow vice bo;borrow jack bo;hold saw bo;return saw;borrow saw bo;holds;return axe;borrow saw bo;holds",
    "overdue, though it is kept": START + "borrow axe bo;hold saw bo;days 7;return saw;borrow saw bo;holds;return axe;borrow saw bo;loans",
    "the closed desk comes first": START + "hold saw bo;return saw;days 5;borrow saw cy;borrow rope cy",
    "lent again to one in the line, others wait on": START + "hold saw bo;hold saw cy;return saw;borrow saw bo;hold saw ada;holds;extend saw;return saw;holds",
    "too many words": START + "hold saw;hold saw bo cy;cancel saw;holds 1",
}


def drawn(seed):
    chance = random.Random(seed)
    script = ["holiday %d" % day for day in chance.sample(range(1, 60), 6)]
    script += ["item saw 7", "item axe 2", "item jack 5", "item vice 14"]
    kinds = ["borrow"] * 6 + ["hold"] * 7 + ["return"] * 5 + ["cancel"] * 2 + ["extend"] * 2 + ["days"] * 4
    for _ in range(250):
        kind = chance.choice(kinds)
        item = chance.choice(["saw", "axe", "jack", "vice", "saw"])
        person = chance.choice(["ada", "bo", "cy", "di", "eve"])
        if kind == "days":
            script.append("days %d" % chance.choice([1, 1, 1, 2, 3, 4, 9]))
        elif kind in ("return", "extend"):
            script.append("%s %s" % (kind, item))
        else:
            script.append("%s %s %s" % (kind, item, person))
        script += ["holds", "loans"]
    return script


with Report() as report:
    for name, script in CASES.items():
        with report.test(name):
            check(script.split(";"))
    for seed in range(12):
        with report.test("a script drawn from seed %d" % seed):
            check(drawn(seed))
