"""Asks an answer of a practice task random questions, and prints what it says.

    cd ANSWER; python3 ask.py TASK SEED

Where two answers print the same, they behave the same as far as this can tell. A line
that begins with `~` has a tolerance and numbers, which are compared within it.
"""

import io
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

Ask = Callable[[random.Random], None]


def near(tolerance: float, *arrays: Any) -> None:
    """Numbers, compared within a share of the largest."""
    for array in arrays:
        print("~", tolerance, json.dumps(flat(array)))


def flat(values: Any) -> list[float]:
    if isinstance(values, list):
        return [number for each in values for number in flat(each)]
    return [float(values)]


def page_ranges(draw: random.Random) -> None:
    program = compile(Path("pages.py").read_text(), "pages.py", "exec")
    for _ in range(3000):
        last = draw.choice((1, 2, 7, 10, 120))

        def number(last: int = last) -> str:
            found = str(
                draw.choice((0, 1, 1, 2, last, last, last + 1, draw.randint(1, last)))
            )
            junk = ("x", "", "+1", "1_0", "²", "1 2", "9" * 30)
            return (
                draw.choice(junk)
                if draw.random() < 0.03
                else "0" * draw.choice((0, 0, 2)) + found
            )

        def item(number: Callable[[], str] = number) -> str:
            gap = " " * draw.choice((0, 0, 1))
            dash = f"{gap}-{gap}"
            forms = (
                number(),
                number() + dash + number(),
                number() + dash,
                dash + number(),
            )
            odd = ("", "-", "1-2-3", "--2", "a")
            found = draw.choice(odd) if draw.random() < 0.04 else draw.choice(forms)
            return " " * draw.choice((0, 1)) + found + " " * draw.choice((0, 1))

        text = ",".join(item() for _ in range(draw.randint(1, 5)))
        sys.argv = ["pages.py", text, str(last)]
        out, errors, code = io.StringIO(), io.StringIO(), 0
        with redirect_stdout(out), redirect_stderr(errors):
            try:
                exec(program, {"__name__": "__main__"})  # noqa: S102 - what we were given
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        print(repr(text), last, code, out.getvalue(), errors.getvalue())


def tool_desk(draw: random.Random) -> None:
    run = import_module("desk.cli").run
    for _ in range(500):
        lines = [f"item {item} {draw.randint(1, 9)}" for item in ("saw", "drill")]
        lines += [f"holiday {draw.randint(1, 40)}" for _ in range(draw.randint(0, 4))]
        for _ in range(80):
            item = draw.choice(("saw", "saw", "drill", "drill", "axe"))
            person = draw.choice("abcd")
            told_to = (
                f"hold {item} {person}",
                f"hold {item} {person}",
                f"cancel {item} {person}",
                f"borrow {item} {person}",
                f"borrow {item} {person}",
                f"extend {item}",
                f"return {item}",
                f"days {draw.choice((1, 1, 2, 3, 9))}",
            )
            lines.append(draw.choice(told_to))
            lines += ["holds", "loans"]
        run(lines, sys.stdout)


def lazy_sheet(draw: random.Random) -> None:  # noqa: C901 - a grammar
    Sheet = import_module("sheet").Sheet  # noqa: N806 - a class
    names = [f"{column}{row}" for column in ("A", "B", "AA") for row in (1, 2, 10)]

    def formula(depth: int) -> str:
        kind = draw.random()
        if depth == 0 or kind < 0.35:
            return (
                draw.choice(names) if draw.random() < 0.7 else str(draw.randint(0, 3))
            )
        if kind < 0.6:
            left, right = formula(depth - 1), formula(depth - 1)
            return f"{left} {draw.choice('+-*/<=')} {right}"
        if kind < 0.75:
            return f"if({', '.join(formula(depth - 1) for _ in range(3))})"
        if kind < 0.9:
            area = f"{draw.choice(names[:6])}:{draw.choice(names[:6])}"
            both = f"{area}, {formula(depth - 1)}"
            return f"sum({draw.choice((area, both, formula(depth - 1)))})"
        if kind < 0.97:
            return draw.choice((f"-{formula(depth - 1)}", f"({formula(depth - 1)})"))
        return draw.choice(
            ("max(A1)", "if(A1, 2)", "A1:B2", "(A1", "-sum(A1:B1) + A1:A2", "1 1")
        )

    def text() -> str:
        if draw.random() < 0.7:
            return "=" + formula(2)
        return draw.choice(("", "0", "1", "-17", "5", "12", "text", "+3", "1.5", "-"))

    for _ in range(400):
        sheet = Sheet()
        for _ in range(20):
            print(
                sheet.set(
                    {
                        draw.choice(names): text()
                        for _ in range(draw.choice((1, 1, 2, 4)))
                    }
                )
            )
            print([sheet.value(name) for name in [*names, "C7"]])
    sheet = Sheet()
    sheet.set({"A1": "1"} | {f"A{row}": f"=A{row - 1} + 1" for row in range(2, 3000)})
    print(len(sheet.set({"A1": "2"})), sheet.value("A2999"))


def padded_norm(draw: random.Random) -> None:
    torch = import_module("torch")
    Layer = import_module("padded_norm").PaddedBatchNorm  # noqa: N806 - a class
    torch.manual_seed(draw.randint(0, 2**31))
    for kind, tolerance in ((torch.float32, 1e-4), (torch.float64, 1e-9)) * 12:
        channels, momentum = draw.randint(1, 3), draw.choice((0.1, 0.5))
        layer = Layer(channels, eps=draw.choice((1e-5, 1e-2)), momentum=momentum).to(
            kind
        )
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(torch.randn(channels))
        for turn in range(6):
            batch, time = draw.randint(1, 4), draw.randint(1, 6)
            layer.train(turn < 4)
            lengths = torch.tensor(
                [draw.choice((0, 1, time, draw.randint(0, time))) for _ in range(batch)]
            )
            x = torch.randn(batch, time, channels, dtype=kind) * 3 + draw.choice(
                (0, 50)
            )
            padding = torch.arange(time) >= lengths[:, None]
            x[padding] = draw.choice((7.0, float("nan"), float("inf")))
            x.requires_grad_()
            layer.zero_grad()
            y = layer(x, lengths)
            (y * torch.randn(y.shape, dtype=kind)).sum().backward()
            print(
                y.dtype, y.shape, layer.num_batches_tracked, sorted(layer.state_dict())
            )
            found = (y, x.grad, layer.weight.grad, layer.bias.grad)
            near(tolerance, *(each.tolist() for each in found))
            near(tolerance, layer.running_mean.tolist(), layer.running_var.tolist())


def gated_scan(draw: random.Random) -> None:
    torch = import_module("torch")
    scan = import_module("scan").gated_scan
    torch.manual_seed(draw.randint(0, 2**31))
    for kind, tolerance in ((torch.float32, 1e-4), (torch.float64, 1e-9)) * 20:
        batch, time, channels = (
            draw.randint(1, 3),
            draw.choice((1, 2, 3, 4, 5, 8, 31, 100)),
            2,
        )
        x = torch.randn(batch, channels, time, dtype=kind).transpose(1, 2)
        gate = torch.randn(batch, time, channels, dtype=kind) * draw.choice(
            (0.5, 1, 1e-20)
        )
        gate[torch.rand(gate.shape) < 0.1] = 0
        given = [x, gate, torch.randn(batch, channels, dtype=kind)]
        given = [each.requires_grad_() for each in given]
        before = [each.detach().clone() for each in given]
        y = scan(*given)
        pulled = torch.autograd.grad(
            (y * torch.randn(y.shape, dtype=kind)).sum(), given, create_graph=True
        )
        again = torch.autograd.grad(
            sum((each**2).sum() for each in pulled), given, allow_unused=True
        )
        print(y.dtype, [torch.equal(a, b) for a, b in zip(before, given, strict=True)])
        near(
            tolerance,
            *(each.tolist() for each in (y, *pulled, *again) if each is not None),
        )


def ragged_pool(draw: random.Random) -> None:
    jax = import_module("jax")
    np = import_module("numpy")
    pool = import_module("pool").pool
    make = np.random.default_rng(draw.randint(0, 2**31))
    jitted = jax.jit(pool, static_argnums=3)
    for _ in range(6):
        rows, count = draw.choice(((1, 1), (6, 3), (6, 3), (6, 9), (40, 5)))
        values = make.normal(size=(rows, 2)).astype("float32")
        scores = (
            make.normal(size=rows) * draw.choice((1, 1e3)) + draw.choice((0, 1e5, -1e5))
        ).astype("float32")
        segments = make.integers(-2, count + 2, size=rows)
        scores[make.random(rows) < 0.15] = -np.inf
        padding = (segments < 0) | (segments >= count)
        values[padding | np.isneginf(scores)] = draw.choice((np.nan, np.inf, 3.0))
        scores[padding & (make.random(rows) < 0.5)] = draw.choice((np.nan, np.inf, 1.0))
        weight = make.normal(size=(count, 2)).astype("float32")

        def total(
            values: Any, scores: Any, s: Any = segments, n: int = count, w: Any = weight
        ) -> Any:
            return (pool(values, scores, s, n) * w).sum()

        y = jitted(values, scores, segments, count)
        print(y.dtype, y.shape)
        near(
            1e-4,
            y.tolist(),
            *(each.tolist() for each in jax.grad(total, (0, 1))(values, scores)),
        )
        two = [np.stack([each, each[::-1]]) for each in (values, scores, segments)]
        near(1e-4, jax.vmap(lambda a, b, c, n=count: pool(a, b, c, n))(*two).tolist())


def orbit_gradient(draw: random.Random) -> None:
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - its own way
    np = import_module("numpy")
    rollout = import_module("orbit").rollout
    make = np.random.default_rng(draw.randint(0, 2**31))

    def spring(q: Any, theta: Any) -> Any:
        return -theta["k"] * q - theta["c"] * q**3

    def far(q: Any, theta: Any) -> Any:
        return theta - q

    def total(force: Any, steps: int) -> Any:
        def inner(theta: Any, q: Any, p: Any, dt: Any) -> Any:
            q, p = rollout(force, theta, q, p, dt, steps)
            return (q * 1.5 + p**2).sum()

        return inner

    for _ in range(8):
        shape = draw.choice(((), (2,), (2, 3)))
        steps = draw.choice((0, 1, 2, 7, 50))
        q, p = make.normal(size=shape), make.normal(size=shape)
        dt = np.float64(draw.choice((0.01, -0.02, 0.1)))
        kinds: list[tuple[Any, Any]] = [
            (spring, {"k": np.float64(1.3), "c": np.float64(0.2)}),
            (far, make.normal(size=shape)),
        ]
        for force, theta in kinds:
            near(
                1e-6,
                *(each.tolist() for each in rollout(force, theta, q, p, dt, steps)),
            )
            pulled = jax.jit(jax.grad(total(force, steps), (0, 1, 2, 3)))(
                theta, q, p, dt
            )
            near(1e-6, *(each.tolist() for each in jax.tree.leaves(pulled)))
    single = [np.ones(2, "float32"), np.ones(2, "float32"), np.float32(0.1)]
    print([each.dtype for each in rollout(far, np.ones(2, "float32"), *single, 3)])
    many = jax.vmap(jax.grad(total(far, 5), 1), (None, 0, 0, None))
    near(
        1e-6,
        many(1.0, make.normal(size=(3, 2)), make.normal(size=(3, 2)), 0.1).tolist(),
    )
    memory = [
        jax.jit(jax.grad(total(far, steps)))
        .lower(np.ones(2), np.ones(2), np.ones(2), 0.1)
        .compile()
        .memory_analysis()
        .temp_size_in_bytes
        for steps in (100, 3000)
    ]
    print("grows" if memory[1] > 2 * memory[0] + 1000 else "stays")


def told(command: list[str], **options: Any) -> None:
    done = subprocess.run(
        command, capture_output=True, timeout=20, check=False, **options
    )
    print(done.returncode, done.stdout, done.stderr)


def last_lines(draw: random.Random) -> None:
    for _ in range(120):
        parts = [
            bytes(
                draw.choice(b"ab\0\xff\r")
                for _ in range(draw.choice((0, 1, 5, 300, 5000)))
            )
            for _ in range(draw.randint(0, 9))
        ]
        data = b"\n".join(parts) + draw.choice((b"", b"\n"))
        told(
            [
                "./last",
                draw.choice(
                    ("0", "1", "1", "2", "3", "7", "9", "10", "007", "1000000")
                ),
            ],
            input=data,
        )
    for words in (
        [],
        ["1", "2"],
        [""],
        ["-1"],
        ["+1"],
        ["1x"],
        [" 1"],
        ["1000001"],
        ["9" * 40],
        ["0x1"],
    ):
        told(["./last", *words], input=b"a\nb\n")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        print(
            subprocess.run(
                ["./last", "2"], input=b"a\n", stdout=full, check=False
            ).returncode
        )
    with open("/proc/self/mem", "rb") as broken:  # noqa: PTH123 - reading it fails
        print(subprocess.run(["./last", "2"], stdin=broken, check=False).returncode)


def drawing_history(draw: random.Random) -> None:
    for _ in range(150):
        lines = []
        for _ in range(60):
            name, other = draw.choice("abcd"), draw.choice("abcd")
            change = (
                f"add {name} 1 {draw.randint(-9, 9)}",
                f"move {name} 3 -2",
                f"rename {name} {other}",
                f"delete {name}",
                f"raise {name}",
                f"raise {name}",
            )
            steps = (
                "undo",
                "undo",
                "redo",
                "redo",
                "begin",
                "commit",
                "rollback",
                "redo 1",
                "sing",
            )
            lines += [draw.choice(draw.choice((change, steps))), "list"]
        told(["./draw"], input="\n".join(lines).encode())


def tables(query: str, fill: Callable[[], Iterable[str]], **given: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(Path("schema.sql").read_text())
    for statement in fill():
        connection.execute(statement)
    limit = [0]

    def tick() -> int:
        limit[0] += 1
        return int(limit[0] > 2000)

    connection.set_progress_handler(tick, 10_000)
    found = connection.execute(Path(query).read_text(), given)
    print([each[0] for each in found.description], found.fetchall())


def day(draw: random.Random) -> str:
    return f"'2026-0{draw.randint(1, 2)}-{draw.randint(1, 9):02}'"


def overdue_accounts(draw: random.Random) -> None:
    def fill() -> Iterable[str]:
        for one in range(1, 5):
            yield f"INSERT INTO customers VALUES ({one}, '{draw.choice('AB')}')"
        for one in range(1, draw.randint(2, 9)):
            gone = draw.choice(("NULL", "NULL", day(draw)))
            yield (
                f"INSERT INTO invoices VALUES ({one}, {draw.randint(1, 4)},"
                f" {draw.randint(1, 5)}, {day(draw)}, {gone})"
            )
            for other in range(draw.choice((0, 0, 1, 3))):
                paid = draw.randint(-2, 4)
                row = f"{9 * one + other}, {one}, {paid}, {day(draw)}"
                yield f"INSERT INTO payments VALUES ({row})"

    for _ in range(600):
        tables("overdue.sql", fill, today=day(draw).strip("'"))


def desk_cover(draw: random.Random) -> None:
    def fill() -> Iterable[str]:
        for one in range(1, draw.randint(1, 7)):
            a, b = sorted((draw.randint(0, 12), draw.randint(0, 12)))
            yield f"INSERT INTO shifts VALUES ({one}, '{draw.choice('ab')}', {a}, {b})"
            for other in range(draw.choice((0, 1, 3))):
                a, b = sorted((draw.randint(0, 12), draw.randint(0, 12)))
                yield f"INSERT INTO breaks VALUES ({9 * one + other}, {one}, {a}, {b})"

    for _ in range(600):
        tables("cover.sql", fill)


def late_prices(draw: random.Random) -> None:
    def fill() -> Iterable[str]:
        for one in range(1, draw.randint(1, 12)):
            price = draw.choice(("NULL", "1", "2", "3"))
            row = f"{one}, '{draw.choice('ab')}', {day(draw)}, {day(draw)}, {price}"
            yield f"INSERT INTO prices VALUES ({row})"
        for one in range(1, draw.randint(2, 8)):
            count = draw.randint(1, 3)
            row = f"{one}, '{draw.choice('abc')}', {day(draw)}, {count}"
            yield f"INSERT INTO orders VALUES ({row})"

    for _ in range(600):
        tables("corrections.sql", fill, known=day(draw).strip("'"))


def program(draw: random.Random) -> None:
    """A driver in the language of the task was built with the answer."""
    for _ in range(3):
        told(["./ask", str(draw.randint(1, 2**31))])


ASKS: dict[str, Ask] = {
    "c1_last_lines": last_lines,
    "cpp2_drawing_history": drawing_history,
    "jax1_ragged_pool": ragged_pool,
    "jax2_orbit_gradient": orbit_gradient,
    "p1_page_ranges": page_ranges,
    "p2_tool_desk": tool_desk,
    "p3_lazy_sheet": lazy_sheet,
    "pt1_padded_norm": padded_norm,
    "pt2_gated_scan": gated_scan,
    "sql1_overdue_accounts": overdue_accounts,
    "sql2_desk_cover": desk_cover,
    "sql3_late_prices": late_prices,
}

if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.setrecursionlimit(1000)
    ASKS.get(sys.argv[1], program)(random.Random(int(sys.argv[2])))  # noqa: S311 - no secret
