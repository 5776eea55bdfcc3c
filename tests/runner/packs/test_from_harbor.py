"""Tasks of Harbor become tasks of ours; what only a container gives is named."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.packs.brought import Brought, Refused, write
from runner.packs.from_harbor import tasks
from runner.tasks import read_packs
from tests.needs import needs
from tests.runner.packs.test_check import check

TASK = {
    "greet/task.toml": """\
schema_version = "1.4"
[task]
name = "us/greet"
[metadata]
author_name = "Ada"
category = "text"
difficulty = "easy"
license = "CC0"
languages = ["shell"]
[agent]
timeout_sec = 90.0
[verifier]
timeout_sec = 60.0
[environment]
gpus = 0
""",
    "greet/instruction.md": "<!-- a canary -->\nWrite hello in capitals to /app/out.\n",
    "greet/environment/Dockerfile": """\
FROM python:3.12-slim
# What the agent finds.
WORKDIR /app
COPY words.txt ./
COPY lib/ /app/lib/
COPY secret /opt/secret
RUN apt-get update && \\
    apt-get install -y jq
""",
    "greet/environment/words.txt": "hello\n",
    "greet/environment/lib/x.sh": "true\n",
    "greet/environment/secret": "s\n",
    "greet/solution/solve.sh": "tr a-z A-Z < /app/words.txt > /app/out\n",
    "greet/tests/test.sh": """\
#!/bin/bash
apt-get install -y curl
python /tests/judge.py && echo 1 > /logs/verifier/reward.txt && exit
echo 0 > /logs/verifier/reward.txt
""",
    "greet/tests/judge.py": "assert open('/app/out').read() == 'HELLO\\n'\n",
}


def _only(folder: Path, files: Mapping[str, str]) -> Brought | Refused:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ((_, found),) = tasks(folder)
    return found


@pytest.mark.e2e
def test_its_solution_passes_and_its_start_does_not(tmp_path: Path) -> None:
    needs("bwrap")
    found = _only(tmp_path / "theirs", TASK)
    assert isinstance(found, Brought)
    assert found.left == (
        "environment/Dockerfile:6: COPY secret /opt/secret is not taken",
        (
            "environment/Dockerfile:7: RUN apt-get update &&     apt-get install -y jq"
            " is not taken"
        ),
        "tests/test.sh:2: apt-get install -y curl is left out: no network",
    )
    assert found.files["starter/words.txt"] == b"hello\n"
    assert found.files["starter/lib/x.sh"] == b"true\n"
    assert found.files["solution/out"] == b"HELLO\n"
    write(tmp_path / "pack", [found])
    (task,) = read_packs([tmp_path / "pack"])
    assert task.instruction == "Write hello in capitals to /workspace/out.\n"
    assert (task.language, task.category, task.difficulty) == ("shell", "text", "easy")
    assert (task.limits.agent_s, task.limits.grader_s) == (90, 60)
    assert task.in_process
    assert task.source is not None
    assert (task.source.licence, task.source.authors) == ("CC0", "Ada")

    assert check(task, tmp_path).is_fit


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("rewards", "found"),
    [
        ('{"reward": 1.0, "style": 0.2}', "passes"),
        ('{"reward": 0.75}', "fails"),
        ('{"right": 1, "quick": 1}', "passes"),
        ('{"right": 1, "quick": 0}', "fails"),
    ],
)
def test_a_reward_may_be_json(tmp_path: Path, rewards: str, found: str) -> None:
    needs("bwrap")
    script = f"""\
python /tests/judge.py || exit
echo '{rewards}' > /logs/verifier/reward.json
"""
    brought = _only(tmp_path / "theirs", TASK | {"greet/tests/test.sh": script})
    assert isinstance(brought, Brought)
    write(tmp_path / "pack", [brought])
    (task,) = read_packs([tmp_path / "pack"])

    places = [each.where for each in check(task, tmp_path).findings]
    assert ("passes" if "pack/greet/solution" not in places else "fails") == found


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"greet/task.toml": "[environment]\ngpus = 2\nmcp_servers = [1]\n"},
            (
                "task.toml: [environment] gpus is what only a container gives\n"
                "task.toml: [environment] mcp_servers is what only a container gives"
            ),
        ),
        (
            {"greet/task.toml": '[[steps]]\nname = "a"\n'},
            "task.toml: [[steps]] are several tasks in one",
        ),
        (
            {"greet/environment/docker-compose.yaml": "x"},
            "environment/docker-compose.yaml: is what only a container gives",
        ),
        ({"greet/task.toml": "x"}, "task.toml: is no TOML (Expected '='"),
    ],
)
def test_what_cannot_be_taken_is_named(
    tmp_path: Path, more: Mapping[str, str], said: str
) -> None:
    found = _only(tmp_path, {**TASK, **more})

    assert isinstance(found, Refused)
    assert str(found).startswith(said)


def test_files_outside_of_the_task_stay_there(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine\n")
    docker = "WORKDIR /app\nCOPY ../../secret ./\nCOPY words.txt /app/../etc/x\n"
    without = {k: v for k, v in TASK.items() if "solve" not in k}
    found = _only(tmp_path, without | {"greet/environment/Dockerfile": docker})

    assert isinstance(found, Brought)
    assert found.left[:2] == (
        "environment/Dockerfile:2: COPY ../../secret ./ is not taken",
        "environment/Dockerfile:3: COPY words.txt /app/../etc/x is not taken",
    )
    assert [name for name in found.files if "starter" in name] == ["starter/.keep"]


def test_pytest_is_run_as_it_is_here(tmp_path: Path) -> None:
    script = """\
source $HOME/.local/bin/env
if uvx \\
  --with pytest==8.4.1 --with pytest-json-ctrf==0.3.5 \\
  pytest --ctrf /logs/verifier/ctrf.json /tests/test_x.py -rA; then echo 1; fi
"""
    without = {k: v for k, v in TASK.items() if "solve" not in k}
    found = _only(tmp_path, without | {"greet/tests/test.sh": script})

    assert isinstance(found, Brought)
    assert found.files["tests/harbor/test.sh"].decode() == (
        ":\nif python3 -m pytest /grader/harbor/test_x.py -rA; then echo 1; fi\n"
    )
    assert "[tools.pytest]" in found.toolchain
    assert found.left[-1] == "solution/solve.sh: is missing"
