"""Drives the container through programs built with sanitizers, beside a list."""

import random

from grading import Report, candidate, equal

BUILD = (
    "cat >/tmp/%s.cpp && c++ -std=c++17 -O1 -g -I. -Wall -Wextra -Werror"
    " -fsanitize=address,undefined -fno-sanitize-recover=all -o /tmp/%s /tmp/%s.cpp"
)
# A value that counts how many of it live, cannot be assigned, and can throw when it is
# copied. Commands on standard input; handles are numbered as they are given.
DRIVER = r"""
#include "slot_map.hpp"

#include <cstdio>
#include <cstring>
#include <set>
#include <stdexcept>
#include <vector>

static std::set<const void *> living;
#ifdef COPIED
static long throw_in = -1;
#endif

struct value {
    const int number;
    int *own;

    explicit value(int n) : number(n), own(new int(n)) { born(); }
#ifdef COPIED
    value(const value &other) : number(other.number), own(nullptr)
    {
        if (throw_in == 0)
            throw std::runtime_error("no copy");
        if (throw_in > 0)
            --throw_in;
        own = new int(*other.own);
        born();
    }
#else
    value(const value &) = delete;
#endif
    value(value &&other) noexcept : number(other.number), own(other.own)
    {
        other.own = nullptr;
        born();
    }
    value &operator=(const value &) = delete;
    value &operator=(value &&) = delete;
    ~value()
    {
        delete own;
        if (living.erase(this) != 1)
            std::puts("destroyed twice");
    }

private:
    void born()
    {
        if (!living.insert(this).second)
            std::puts("made over a living one");
    }
};

static void show(const slot_map<value> &map)
{
    std::printf("%zu:", map.size());
    for (const value &each : map)
        std::printf(" %d", *each.own);
    std::printf(" | %td\n", map.end() - map.begin());
}

int main()
{
    {
        slot_map<value> map;
        std::vector<handle> handles;
        char word[16];
        int n;
        while (std::scanf("%15s", word) == 1) {
            if (!std::strcmp(word, "in")) {
                std::scanf("%d", &n);
                handles.push_back(map.insert(value(n)));
                std::printf("%zu\n", handles.size() - 1);
#ifdef COPIED
            } else if (!std::strcmp(word, "copy")) {
                std::scanf("%d", &n);
                const value one(n);
                handles.push_back(map.insert(one));
                std::printf("%zu\n", handles.size() - 1);
            } else if (!std::strcmp(word, "own")) {
                std::scanf("%d", &n);
                const value &one = map.begin()[n];
                handles.push_back(map.insert(one));
                std::printf("%zu\n", handles.size() - 1);
            } else if (!std::strcmp(word, "throw")) {
                std::scanf("%d", &n);
                const value one(n);
                throw_in = 0;
                try {
                    map.insert(one);
                    std::puts("nothing was thrown");
                } catch (const std::runtime_error &error) {
                    std::puts(error.what());
                }
                throw_in = -1;
            } else if (!std::strcmp(word, "twin")) {
                slot_map<value> other(map);
                slot_map<value> third;
                third = other;
                for (const handle &each : handles) {
                    const value *found = third.get(each);
                    std::printf("%d ", found ? *found->own : -1);
                    third.erase(each);
                }
                std::printf("/ %zu ", third.size());
                show(other);
#endif
            } else if (!std::strcmp(word, "out")) {
                std::scanf("%d", &n);
                std::printf("%d\n", map.erase(handles[n]));
            } else if (!std::strcmp(word, "get")) {
                std::scanf("%d", &n);
                const slot_map<value> &seen = map;
                const value *found = map.get(handles[n]);
                std::printf("%d %d\n", found ? *found->own : -1, seen.get(handles[n]) == found);
            } else if (!std::strcmp(word, "none")) {
                std::printf("%d %d\n", map.get(handle()) == nullptr, map.erase(handle{}));
            } else if (!std::strcmp(word, "same")) {
                std::size_t equal = 0;
                for (std::size_t i = 0; i < handles.size(); i++)
                    for (std::size_t j = 0; j < i; j++)
                        equal += handles[i] == handles[j] || !(handles[i] != handles[j]);
                std::printf("%zu\n", equal);
            } else if (!std::strcmp(word, "all")) {
                show(map);
            } else if (!std::strcmp(word, "clear")) {
                map.clear();
                std::puts("cleared");
            } else if (!std::strcmp(word, "move")) {
                slot_map<value> other(std::move(map));
                show(other);
                map = std::move(other);
            }
        }
    }
    std::printf("left %zu\n", living.size());
}
"""
LONG = r"""
#include "slot_map.hpp"

#include <chrono>
#include <cstdio>
#include <malloc.h>

int main()
{
    slot_map<long> map;
    const handle first = map.insert(1L);
    map.erase(first);
    long revived = 0;
    struct mallinfo2 before = mallinfo2();
    for (long i = 0; i < 5000000; i++) {
        const handle one = map.insert(i);
        revived += map.get(first) != nullptr || one == first;
        map.erase(one);
    }
    struct mallinfo2 after = mallinfo2();
    std::printf("%ld %d\n", revived, after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 65536);
    handle held[1000];
    for (long i = 0; i < 300000; i++) {
        const handle one = map.insert(i);
        if (i % 300 == 0)
            held[i / 300] = one;
    }
    long sum = 0;
    for (const handle &each : held) {
        sum += *map.get(each);
        map.erase(each);
    }
    std::printf("%ld %zu\n", sum, map.size());
}
"""


def build(name, text, extra=""):
    script = BUILD % (name, name, name) + extra
    done = candidate(["sh", "-c", script], input=text, timeout=90)
    equal((done.exit, done.errors[:1500]), (0, ""))


class Model:
    """What the container does, with a list."""

    def __init__(self):
        self.values, self.handles, self.said = [], [], []

    def add(self, n):
        self.values.append([n, len(self.handles)])
        self.handles.append(self.values[-1])
        self.said.append(str(len(self.handles) - 1))

    def do(self, name, *numbers):
        if name in ("in", "copy"):
            self.add(numbers[0])
        elif name == "own":
            self.add(self.values[numbers[0]][0])
        elif name == "throw":
            self.said.append("no copy")
        elif name == "out":
            one = self.handles[numbers[0]]
            self.said.append("1" if one else "0")
            if one:
                at = self.values.index(one)
                last = self.values.pop()
                if last is not one:
                    self.values[at] = last
                self.handles[numbers[0]] = None
        elif name == "get":
            one = self.handles[numbers[0]]
            self.said.append("%d 1" % (one[0] if one else -1))
        elif name == "none":
            self.said.append("1 0")
        elif name == "same":
            self.said.append("0")
        elif name == "clear":
            self.values, self.handles = [], [None] * len(self.handles)
            self.said.append("cleared")
        elif name in ("all", "move"):
            self.said.append(self.shown())
        elif name == "twin":
            found = "".join("%d " % (one[0] if one else -1) for one in self.handles)
            self.said.append(found + "/ 0 " + self.shown())

    def shown(self):
        values = "".join(" %d" % value for value, _ in self.values)
        return "%d:%s | %d" % (len(self.values), values, len(self.values))


def check(commands, program):
    model = Model()
    for command in commands:
        model.do(*command)
    text = "".join(" ".join(map(str, command)) + "\n" for command in commands)
    done = candidate(["/tmp/" + program], input=text)
    equal((done.exit, done.errors[:800]), (0, ""))
    equal(done.out.splitlines(), [*model.said, "left 0"])


def ins(count):
    return [("in", 100 + number) for number in range(count)]


CASES = {
    "an empty map": [("all",), ("none",), ("clear",), ("all",)],
    "insertion adds at the end": [*ins(5), ("all",), *(("get", n) for n in range(5))],
    "the last one takes the place": [*ins(5), ("out", 1), ("all",), ("get", 4), ("get", 1)],
    "the last one itself": [*ins(3), ("out", 2), ("all",), ("out", 2), ("in", 7), ("all",)],
    "the only one": [*ins(1), ("out", 0), ("all",), ("none",), ("in", 5), ("get", 0)],
    "erased twice": [*ins(3), ("out", 1), ("out", 1), ("all",)],
    "a slot that is used again": [
        *ins(2),
        ("out", 0),
        ("in", 9),
        ("get", 0),
        ("out", 0),
        ("get", 2),
        ("same",),
    ],
    "handles after clear": [
        *ins(3),
        ("clear",),
        *ins(3),
        *(("get", n) for n in range(6)),
        ("out", 0),
        ("same",),
        ("all",),
    ],
    "a handle that was made without a map": [("none",), *ins(1), ("none",), ("all",)],
    "moving a map": [*ins(4), ("out", 0), ("move",), ("get", 3), ("in", 1), ("all",)],
}
COPIED = {
    "copies go in": [("copy", 4), ("copy", 5), ("all",)],
    "a copy that throws changes nothing": [
        *ins(4),
        ("throw", 3),
        ("all",),
        ("in", 8),
        ("get", 4),
        ("out", 1),
        ("throw", 1),
        ("all",),
        ("in", 6),
        ("same",),
        ("all",),
    ],
    "a copy that throws in an empty map": [("throw", 1), ("all",), ("in", 2), ("get", 0)],
    "its own values": [("in", 3), *(("own", n % 3) for n in (0, 1, 3, 1, 2, 5, 4) for _ in "ab"), ("all",)],
    "copies of a map stand alone": [*ins(5), ("out", 2), ("twin",), ("all",), ("twin",)],
}


def drawn(seed, copied):
    chance = random.Random(seed)
    commands, living, given = [], 0, 0
    kinds = ["in"] * 5 + ["out"] * 5 + ["get"] * 4 + ["all", "none", "move"]
    kinds += ["copy"] * 3 + ["own"] * 2 + ["throw", "throw", "twin"] if copied else []
    model = Model()
    for _ in range(400):
        kind = chance.choice(kinds)
        if kind in ("out", "get"):
            if not given:
                continue
            command = (kind, chance.randrange(max(0, given - 12), given))
        elif kind in ("in", "copy", "throw"):
            command = (kind, chance.randrange(1000))
        elif kind == "own":
            if not model.values:
                continue
            command = (kind, chance.randrange(len(model.values)))
        else:
            command = (kind,)
        if chance.random() < 0.01:
            command = ("clear",)
        given += command[0] in ("in", "copy", "own")
        model.do(*command)
        commands.append(command)
    return [*commands, ("same",), ("all",)]


with Report() as report:
    with report.test("compiles for values that can only be moved"):
        build("moved", DRIVER)
    with report.test("compiles for values that can be copied"):
        build("copied", "#define COPIED\n" + DRIVER)
    for name, commands in CASES.items():
        with report.test(name):
            check(commands, "moved")
    for name, commands in COPIED.items():
        with report.test(name):
            check(commands, "copied")
    for seed in range(4):
        with report.test("commands drawn from seed %d" % seed):
            check(drawn(seed, copied=False), "moved")
    for seed in range(4, 10):
        with report.test("commands and copies drawn from seed %d" % seed):
            check(drawn(seed, copied=True), "copied")
    with report.test("five million generations, in the same memory"):
        plain = BUILD.replace("-fsanitize=address,undefined -fno-sanitize-recover=all", "")
        done = candidate(["sh", "-c", plain % (("long",) * 3)], input=LONG, timeout=60)
        equal(done.exit, 0)
        done = candidate(["sh", "-c", "ulimit -t 10; exec /tmp/long"], timeout=90)
        sum_ = sum(range(0, 300000, 300))
        equal((done.exit, done.out), (0, "0 1\n%d %d\n" % (sum_, 299000)))
