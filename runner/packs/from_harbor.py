"""Tasks of Harbor as tasks of ours, without what only a container gives.

Their tests run in the grader's sandbox, on a copy of the workspace: `in_process`. What
fetches from a network is taken out, and named; so is all that cannot be taken.
"""

import asyncio
import re
import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from os.path import normpath
from pathlib import Path
from typing import Any

from harness_bench.errors import SandboxError
from runner.packs.brought import (
    Brought,
    Refused,
    files_in,
    licence_of,
    lies_in,
    task_toml,
)
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Mount

_TEST = b"""\
#!/bin/sh
# Harbor's tests on a copy of the workspace; its reward is the verdict.
mkdir -p /tmp/verifier /tmp/bin && cp -R /workspace /tmp/work && cd /tmp/work || exit 1
ln -s "$(command -v python3)" /tmp/bin/python
export PATH="/tmp/bin:$PATH"
bash /grader/harbor/test.sh 3>&-
cd /tmp/verifier || exit 1
reward=$(cat reward.txt 2>/tmp/missing || python3 -c '
import json
rewards = json.load(open("reward.json"))
print(rewards.get("reward", min(rewards.values())))') || exit 1
case "$reward" in
1 | 1.0) echo "ok 1 - reward" >&3 ;;
*) echo "not ok 1 - reward $reward" >&3 ;;
esac
echo 1..1 >&3
"""
_PYTEST = """\
[tools.pytest]
commands = {pytest = ""}
debian = ["python3-pytest"]
"""
_FETCHES = re.compile(
    r"^\s*(sudo )?(apt-get|apt|curl|wget|(python3? -m )?pip3? install|npm|git clone"
    r"|(source|\.) \S*/\.local/bin/env|uv (venv|pip|init|add|sync))\b"
)
_HARD: Mapping[str, tuple[str, ...]] = {
    "environment": (
        *("docker_image", "gpus", "gpu_types", "mcp_servers", "healthcheck"),
        *("env", "allowed_hosts"),
    ),
    "verifier": ("env", "environment", "collect", "user"),
    "agent": ("user", "allowed_hosts"),
}


def tasks(folder: Path) -> Iterator[tuple[str, Brought | Refused]]:
    """The tasks in a folder: one, or several."""
    for path in sorted(folder.rglob("task.toml")):
        try:
            yield path.parent.name, _task(path.parent)
        except Refused as error:
            yield path.parent.name, error


def _only_in_containers(folder: Path, whole: Mapping[str, Any]) -> list[str]:
    """What refuses a task as a whole."""
    hard = [
        f"task.toml: [{name}] {key} is what only a container gives"
        for name, keys in _HARD.items()
        for key in keys
        if whole.get(name, {}).get(key)
    ]
    hard += ["task.toml: [[steps]] are several tasks in one"] * bool(whole.get("steps"))
    for name in ("environment/docker-compose.yaml", "tests/Dockerfile"):
        if (folder / name).exists():
            hard.append(f"{name}: is what only a container gives")
    for name in ("instruction.md", "tests/test.sh", "environment/Dockerfile"):
        if not (folder / name).is_file():
            hard.append(f"{name}: is missing")
    return hard


def _task(folder: Path) -> Brought:
    try:
        whole = tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refused(f"task.toml: is no TOML ({error})") from error
    if hard := _only_in_containers(folder, whole):
        raise Refused(*hard)
    left: list[str] = []
    work, starter = _starter(folder / "environment", left)
    instruction = (folder / "instruction.md").read_text(encoding="utf-8")
    instruction = re.sub(r"\A(\s*(#|<!--).*canary.*\n)+", "", instruction)
    files = {
        "instruction.md": _moved(instruction, {work: "/workspace"}).encode(),
        "tests/test.sh": _TEST,
        **starter,
    }
    places = {
        work: "/tmp/work",  # noqa: S108 - of the grader's sandbox alone
        "/logs/verifier": "/tmp/verifier",  # noqa: S108 - the same
        "/tests": "/grader/harbor",
    }
    for name, content in files_in(folder / "tests", "tests/harbor").items():
        try:
            text = content.decode()
        except UnicodeDecodeError:
            files[name] = content
            continue
        if name == "tests/harbor/test.sh":
            text = _without_network(text, "tests/test.sh", left)
        files[name] = _moved(text, places).encode()
    if not any(name.startswith("starter/") for name in files):
        files["starter/.keep"] = b""
    files |= _solution(folder, work, files, left)
    meta = whole.get("metadata", {})
    pytest = any(b"pytest" in content for name, content in files.items())
    languages = meta.get("languages") or [meta.get("language") or "other"]
    files["task.toml"] = task_toml(
        {
            "title": whole.get("task", {}).get("name") or folder.name,
            "language": languages[0],
            "category": meta.get("category") or "other",
            "difficulty": meta.get("difficulty") or "",
            "toolchains": ["pytest"] if pytest else [],
        },
        source={
            "name": f"harbor: {folder.name}",
            "licence": meta.get("license") or licence_of(folder),
            "authors": meta.get("author_name", ""),
        },
        limits={
            "agent_s": whole.get("agent", {}).get("timeout_sec"),
            "grader_s": whole.get("verifier", {}).get("timeout_sec", 600),
        },
        in_process=True,
    )
    name = re.sub(r"[^A-Za-z0-9._-]", "_", folder.name)
    tools = _PYTEST if pytest else ""
    return Brought(name=name, files=files, left=tuple(left), toolchain=tools)


def _moved(text: str, places: Mapping[str, str]) -> str:
    """A text with absolute paths where they are for us."""
    any_of = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
    found = rf"(?<![\w./-])({any_of})(?![\w.-])"
    return re.sub(found, lambda m: places[m[1]], text)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, continued ones as one."""
    begun, parts = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun or number
        parts += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield begun, parts
            begun, parts = 0, ""


def _without_network(text: str, where: str, left: list[str]) -> str:
    lines = []
    for number, line in _logical(text):
        if _FETCHES.match(line):
            left.append(
                f"{where}:{number}: {line.strip()[:60]} is left out: no network"
            )
            lines.append(":")
            continue
        plain = re.sub(r"\buvx?\b.*?\bpytest(?= )(?!==)", "python3 -m pytest", line)
        lines.append(re.sub(r" --ctrf[= ]\S+", "", plain))
    return "\n".join(lines) + "\n"


def _starter(environment: Path, left: list[str]) -> tuple[str, dict[str, bytes]]:
    """The folder of work, and the files that the Dockerfile puts there."""
    work, files = "/app", dict[str, bytes]()
    text = (environment / "Dockerfile").read_text(encoding="utf-8")
    lines = [(n, line.strip()) for n, line in _logical(text)]
    for _, line in lines:
        if line.upper().startswith("WORKDIR "):
            work = line.split()[1].rstrip("/") or work
    for number, line in lines:
        word, _, rest = line.partition(" ")
        words = [each for each in shlex.split(rest) if not each.startswith("--")]
        if word.upper() in ("COPY", "ADD") and len(words) > 1:
            *sources, into = words
            target = into if into.startswith("/") else f"{work}/{into}"
            inside = Path(normpath(target)).is_relative_to(work)
            found = [(environment / each) for each in sources]
            if inside and all(lies_in(environment, each) for each in sources):
                for each in found:
                    files |= _copied(each, target, work, many=len(found) > 1)
                continue
        if word and word.upper() not in ("FROM", "WORKDIR", "CMD") and word[0] != "#":
            left.append(f"environment/Dockerfile:{number}: {line[:60]} is not taken")
    return work, files


def _copied(source: Path, target: str, work: str, *, many: bool) -> dict[str, bytes]:
    below = Path("starter") / Path(normpath(target)).relative_to(work)
    if source.is_dir():
        return files_in(source, below.as_posix())
    whole = below / source.name if many or target.endswith(("/", "/.")) else below
    if below == Path("starter"):
        whole = below / source.name
    return {whole.as_posix(): source.read_bytes()}


def _solution(
    folder: Path, work: str, files: Mapping[str, bytes], left: list[str]
) -> dict[str, bytes]:
    """What `solve.sh` writes or changes, run in a sandbox on the starter."""
    solve = folder / "solution/solve.sh"
    if not solve.is_file():
        left.append("solution/solve.sh: is missing")
        return {}
    with tempfile.TemporaryDirectory() as made:
        place, own = Path(made, "w"), Path(made, "s")
        shutil.copytree(solve.parent, own)
        text = solve.read_text(encoding="utf-8")
        (own / "solve.sh").write_text(_moved(text, {work: "/workspace"}))
        place.mkdir()
        for name, content in files.items():
            if name.startswith("starter/"):
                path = place / name.removeprefix("starter/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        try:
            asyncio.run(_run(place, own))
        except (SandboxError, TimeoutError) as error:
            left.append(f"solution/solve.sh: could not be run ({error})")
            return {}
        after = files_in(place, "solution")
    return {
        name: content
        for name, content in after.items()
        if files.get(name.replace("solution/", "starter/", 1)) != content
    }


async def _run(workspace: Path, solution: Path) -> None:
    confined = Confined(
        command=("bash", "/solution/solve.sh"),
        mounts=(
            Mount(source=workspace, target="/workspace", writable=True),
            Mount(source=solution, target="/solution"),
        ),
    )
    with tempfile.TemporaryFile() as said:
        running = await Bubblewrap().start(confined, output=said, errors=said)
        try:
            async with asyncio.timeout(_SOLVE_S):
                await running.wait()
        finally:
            await running.kill()


_SOLVE_S = 120
