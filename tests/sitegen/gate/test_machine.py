"""What tells of a machine and its keys is found; what tells of nobody is not."""

from pathlib import Path

import pytest

from sitegen.gate.machine import Machine, names_here


def said(text: str, machine: Machine | None = None) -> list[str]:
    return list((machine or Machine({}, names={})).inside(text))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sk-ant-api03-" + "aB3_" * 8, "an API key"),
        ("sk-" + "a1B2" * 5, "an API key"),
        ("ghp_" + "a1B2" * 9, "a GitHub token"),
        ("github_pat_" + "a1B2_" * 9, "a GitHub token"),
        ("glpat-" + "a1B2-" * 4, "a GitLab token"),
        ("hf_" + "a1B2" * 9, "a Hugging Face token"),
        ("AKIAIOSFODNN7EXAMPLE", "an AWS key"),
        ("AIza" + "a1B2_" * 7, "a Google key"),
        ("xoxb-" + "1234567890", "a Slack token"),
        (f"eyJ{'a' * 10}.eyJ{'b' * 10}.{'c' * 10}", "a JSON Web Token"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
    ],
)
def test_a_key_is_known_by_its_form(text: str, what: str) -> None:
    assert said(f"= {text}") == [f"what looks like {what}"]
    assert said(f"= {text[:8]}") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/home/alice/x", True),
        ("see /Users/bob", True),
        ("(/root/x)", True),
        ("/mnt/disk", True),
        ("C:\\Users\\carol\\x", True),
        ("C:\\\\Users\\\\carol", True),
        ("file:///x", True),
        ("/home/user/x", False),
        ("/Users/you", False),
        ("/Users/youth", True),
        ("C:\\Users\\me\\x", False),
        ("https://example.org/home/alice", False),
        ("a/home/alice", False),
        ("/home/", False),
        ("/root/", False),
        ("/usr/bin/env", False),
    ],
)
def test_a_path_below_somebodys_home_is_found(text: str, *, found: bool) -> None:
    assert said(text) == ["a path of somebody's machine"] * found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in /lab/bench/x", True),
        ("/lab/bench", True),
        ("/lab/bench-2", False),
        ("/other/lab/bench", False),
        ("/opt/x", True),
        ("/opt", False),
        ("/", False),
    ],
)
def test_the_folders_of_the_author_are_found(text: str, *, found: bool) -> None:
    folders = [Path("/lab/bench"), Path("/opt"), Path("/")]
    machine = Machine({}, folders=folders, names={})
    assert said(text, machine) == ["a path of this machine"] * found


@pytest.mark.parametrize(
    "name", ["API_KEY", "OPENAI_APIKEY", "token", "MY_SECRET_2", "DB_PASSWORD", "KEY"]
)
def test_the_value_of_a_secret_variable_is_found(name: str) -> None:
    machine = Machine({name: " open.(sesame "}, names={})
    assert said("it is open.(sesame!", machine) == [f"the value of ${name}"]
    assert machine.inside("open.(sesame") == {f"the value of ${name}": "open.(sesame"}
    assert said("it is open..sesame", machine) == []
    assert said("short778", Machine({name: "short778"}, names={}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("PATH", "longer-than"), ("MONKEY", "longer-than"), ("KEY", "short77")],
)
def test_other_variables_and_short_values_are_no_secret(name: str, value: str) -> None:
    assert said(value, Machine({name: value}, names={})) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("alicew", "by Alicew.", True),
        ("alicew", "alicewonder", False),
        ("abc", "abc", False),
        ("abcd", "abcd", True),
        ("Ubuntu", "ubuntu", False),
        ("server", "the model server", False),
        ("a.b-c", "on a.b-c", True),
        ("a.b-c", "on axb-c", False),
    ],
)
def test_the_name_of_user_or_host_is_found_as_a_word(
    name: str, text: str, *, found: bool
) -> None:
    machine = Machine({}, names={name: "a name"})
    assert said(text, machine) == ["a name"] * found


def test_a_name_in_the_address_of_the_site_is_public() -> None:
    machine = Machine({}, names={"alicew": "a"}, public="https://AliceW.example.org/")
    assert said("alicew", machine) == []


def test_the_names_here_are_those_of_user_and_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setattr("socket.gethostname", lambda: "some-host")
    assert names_here() == {
        "some-host": "the name of this host",
        "somebody": "the name of this user",
    }


def test_the_key_changes_with_what_is_searched_for() -> None:
    assert Machine({}, names={}).key == Machine({}, names={}).key
    assert Machine({}, names={}).key != Machine({}, names={"abcd": ""}).key


def test_what_is_allowed_may_be_said_but_no_secret() -> None:
    machine = Machine(
        {"API_KEY": "sesame-open"},
        names={"pixel": "the name of this host"},
        public="on a Pixel phone; /media/logo.png; sesame-open",
    )
    assert said("a Pixel phone and /media/logo.png", machine) == []
    assert said("/media/logo.png or /media/alice", machine) == [
        "a path of somebody's machine"
    ]
    assert said("sesame-open", machine) == ["the value of $API_KEY"]


def test_a_folder_that_is_allowed_may_be_said() -> None:
    folder = Path("/data/bench")
    assert said("in /data/bench", Machine({}, names={}, folders=[folder]))
    machine = Machine({}, names={}, folders=[folder], public="see /data/bench")
    assert said("in /data/bench", machine) == []


def test_beside_names_in_any_case_the_case_of_a_key_counts() -> None:
    machine = Machine({}, names={"pixel": "the name of this host"})
    text = "AKIAIOSFODNN7EXAMPLE on PIXEL"
    assert said(text, machine) == [
        "what looks like an AWS key",
        "the name of this host",
    ]


def test_names_with_sk_in_front_are_no_keys() -> None:
    assert said("sk-learn-pipeline-cross-validation") == []


@pytest.mark.parametrize(
    "name",
    [
        "root",
        "user",
        "username",
        "name",
        "you",
        "your",
        "me",
        "home",
        "admin",
        "guest",
        "test",
        "nobody",
        "shared",
        "runner",
        "localhost",
        "ubuntu",
        "debian",
        "docker",
        "public",
        "jovyan",
        "vscode",
        "server",
        "desktop",
        "laptop",
        "macbook",
        "machine",
        "workstation",
        "computer",
        "bench",
        "model",
        "agent",
        "build",
        "node",
        "main",
        "coder",
        "sandbox",
        "appuser",
    ],
)
def test_a_name_that_anybody_has_tells_nothing_of_a_machine(name: str) -> None:
    machine = Machine({}, names={name: "a name", f"{name}x9z": "another"})
    assert said(f"{name} at /home/{name}/x", machine) == []
    assert said(f"/home/{name}x9z/x", machine) == [
        "a path of somebody's machine",
        "another",
    ]


def test_a_secret_a_name_and_a_folder_beside_ascii_are_found() -> None:
    machine = Machine(
        {"KEY": "p\u00e4sswort"},
        names={"j\u00fcrgen": "a name"},
        folders=[Path("/b\u00e4nke/x")],
    )
    assert said("p\u00e4sswort", machine) == ["the value of $KEY"]
    assert said("by J\u00fcrgen", machine) == ["a name"]
    assert said("in /b\u00e4nke/x", machine) == ["a path of this machine"]
    assert said("AKIAIOSFODNN7EXAMPLE by j\u00fcrgen", machine) == [
        "what looks like an AWS key",
        "a name",
    ]
