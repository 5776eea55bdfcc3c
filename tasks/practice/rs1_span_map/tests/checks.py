"""Drives the map by commands, beside a dictionary of positions."""

import random

from grading import Report, candidate, equal

DRIVER = r"""
use span_map::SpanMap;
use std::io::{self, Read};

// Neither Copy nor Ord nor Hash nor Default.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name(String);

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let mut map: SpanMap<Name> = SpanMap::default();
    let mut kept: Option<SpanMap<Name>> = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        match words[0] {
            "set" => map.set(number(1)..number(2), Name(words[3].to_string())),
            "clear" => map.clear(number(1)..number(2)),
            "get" => match map.get(number(1)) {
                Some(name) => println!("{}", name.0),
                None => println!("-"),
            },
            "gaps" => println!("gaps {:?}", map.gaps(number(1)..number(2))),
            "keep" => kept = Some(map.clone()),
            "swap" => map = kept.take().unwrap_or_default(),
            _ => {
                for (range, name) in map.spans() {
                    print!("{}..{}={} ", range.start, range.end, name.0);
                }
                println!(".");
            }
        }
    }
}
"""
LARGE = r"""
use span_map::SpanMap;

fn main() {
    let n: u64 = 300_000;
    let mut map: SpanMap<u64> = SpanMap::new();
    let place = |i: u64| (i * 7919 % n) * 10;
    for i in 0..n {
        map.set(place(i)..place(i) + 6, i % 3);
    }
    let mut sum = 0u64;
    for i in 0..n {
        map.clear(place(i) + 2..place(i) + 3);
        sum = sum.wrapping_mul(31).wrapping_add(*map.get(place(i) + 4).unwrap());
        sum = sum.wrapping_add(map.gaps(place(i)..place(i) + 10).len() as u64);
    }
    println!("{} {}", map.spans().count(), sum);
    for i in 0..n {
        map.set(place(i)..place(i) + 10, 5);
    }
    println!("{}", map.spans().count());
    for i in 0..n {
        map.set(i..n * 10 - i, i);
    }
    println!("{}", map.spans().count());
}
"""

def build(name, text, *options):
    """Build the candidate's library with a program of ours, in a copy of its folder."""
    script = (
        "set -e; mkdir -p /tmp/%(name)s/src; cp Cargo.toml /tmp/%(name)s/;"
        " cp -r src/. /tmp/%(name)s/src/; cat >/tmp/%(name)s/src/main.rs;"
        " cd /tmp/%(name)s; RUSTFLAGS='%(flags)s' cargo build --quiet --offline --release"
    ) % {"name": name, "flags": " ".join(options)}
    done = candidate(["sh", "-c", script], input=text, timeout=90)
    equal((done.exit, done.errors[:1500] if done.exit else ""), (0, ""))


TOP = 2**64 - 1


class Model:
    """Positions of a small world, one by one; the top of u64 is mapped down."""

    def __init__(self):
        self.values, self.said = {}, []
        self.kept = {}

    def do(self, name, *given):
        if name == "set":
            for position in range(given[0], given[1]):
                self.values[position] = given[2]
        elif name == "clear":
            for position in range(given[0], given[1]):
                self.values.pop(position, None)
        elif name == "get":
            self.said.append(self.values.get(given[0], "-"))
        elif name == "gaps":
            free = [p for p in range(given[0], given[1]) if p not in self.values]
            parts = runs([(position, None) for position in free])
            shown = ", ".join("%d..%d" % (start, end) for start, end, _ in parts)
            self.said.append("gaps [%s]" % shown)
        elif name == "keep":
            self.kept = dict(self.values)
        elif name == "swap":
            self.values, self.kept = self.kept, {}
        else:
            parts = runs(sorted(self.values.items()))
            self.said.append("".join("%d..%d=%s " % part for part in parts) + ".")


def runs(pairs):
    found = []
    for position, value in pairs:
        if found and found[-1][1] == position and found[-1][2] == value:
            found[-1][1] = position + 1
        else:
            found.append([position, position + 1, value])
    return [tuple(part) for part in found]


def check(commands):
    model = Model()
    for command in commands:
        model.do(*command)
    text = "".join(" ".join(map(str, command)) + "\n" for command in commands)
    done = candidate(["/tmp/driver/target/release/span_map"], input=text)
    equal((done.exit, done.errors[:500]), (0, ""))
    equal(done.out.splitlines(), model.said)


def script(text):
    words = [part.split() for part in text.split(";")]
    return [(w[0], *(int(x) if x.isdigit() else x for x in w[1:])) for w in words]


CASES = {
    "nothing": "all;get 0;gaps 3 5;gaps 5 5;gaps 6 5",
    "one range": "set 3 6 a;all;get 2;get 3;get 5;get 6;gaps 0 9;gaps 4 5;gaps 3 6",
    "empty ranges": "set 3 9 a;set 5 5 b;set 7 4 b;clear 5 5;clear 8 4;all;gaps 9 3",
    "touching and equal": "set 1 3 a;set 3 5 a;all;set 7 9 a;set 5 7 a;all",
    "touching and not equal": "set 1 3 a;set 3 5 b;all",
    "set again inside": "set 1 9 a;set 4 6 a;all;set 4 6 b;all;set 4 6 a;all",
    "over the left edge": "set 5 9 a;set 2 6 b;all",
    "over the right edge": "set 2 6 a;set 5 9 b;all",
    "over everything": "set 2 4 a;set 6 8 b;set 9 10 a;set 0 20 c;all",
    "joins on both sides through what it hides": "set 0 3 a;set 3 6 b;set 6 9 a;set 2 7 a;all",
    "clear in the middle": "set 0 9 a;clear 3 5;all;get 3;get 4;get 5",
    "clear over several": "set 0 3 a;set 4 6 b;set 7 9 c;clear 2 8;all",
    "clear the edges": "set 3 8 a;clear 0 4;clear 7 12;all",
    "clear exactly": "set 3 8 a;clear 3 8;all;clear 3 8;all",
    "gaps in all places": "set 2 4 a;set 4 6 b;set 8 9 a;gaps 0 12;gaps 3 8;gaps 5 9;gaps 6 8;gaps 9 12;gaps 2 6",
    "a copy stands alone": "set 0 5 a;keep;clear 1 3;all;swap;all",
}


def drawn(seed):
    chance = random.Random(seed)
    commands = []
    for _ in range(400):
        size = chance.choice([6, 30])
        start, end = chance.randint(0, 40), chance.randint(0, 40)
        if chance.random() < 0.9:
            end = start + chance.randint(0, size)
        kind = chance.choice(["set"] * 6 + ["clear"] * 3 + ["get", "gaps", "gaps", "keep", "swap"])
        if kind == "set":
            commands.append((kind, start, end, chance.choice("aabc")))
        elif kind in ("clear", "gaps"):
            commands.append((kind, start, end))
        elif kind == "get":
            commands.append((kind, start))
        elif chance.random() < 0.3:
            commands.append((kind,))
        commands.append(("all",))
    return commands


with Report() as report:
    with report.test("compiles, with a value that is only Clone and Eq"):
        build("driver", DRIVER, "-C overflow-checks=on", "-F unsafe_code")
    for name, text in CASES.items():
        with report.test(name):
            check(script(text))
    for seed in range(8):
        with report.test("four hundred commands drawn from seed %d" % seed):
            check(drawn(seed))
    with report.test("the ends of u64"):
        text = (
            "set 0 %(t)d a\nall\nget %(m)d\nget %(t)d\ngaps 0 %(t)d\nclear %(m)d %(t)d\n"
            "all\nset %(m)d %(t)d b\nall\ngaps %(m)d %(t)d\nclear 0 %(t)d\nall\ngaps 0 %(t)d\n"
        ) % {"t": TOP, "m": TOP - 1}
        done = candidate(["/tmp/driver/target/release/span_map"], input=text)
        said = [
            "0..%d=a ." % TOP,
            "a",
            "-",
            "gaps []",
            "0..%d=a ." % (TOP - 1),
            "0..%d=a %d..%d=b ." % (TOP - 1, TOP - 1, TOP),
            "gaps []",
            ".",
            "gaps [0..%d]" % TOP,
        ]
        equal((done.exit, done.out.splitlines()), (0, said))
    with report.test("three hundred thousand spans, in good time"):
        # Half a second; moving all later spans for each one would take minutes.
        build("large", LARGE)
        done = candidate(["sh", "-c", "ulimit -t 15; exec /tmp/large/target/release/span_map"], timeout=90)
        n, total = 300000, 0
        for number in range(n):
            total = (total * 31 + number % 3) % 2**64
            total = (total + 2) % 2**64
        equal((done.exit, done.out), (0, "%d %d\n1\n%d\n" % (2 * n, total, 2 * n - 1)))
