"""The image of the box: what runs and harnesses need, and nothing of this machine.

Our own program is not in it: it goes in with every command, in the version outside. An
image is fit as long as what it was made of is what this version would make it of.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SandboxError, shown
from runner.box.code import code, run_lock
from runner.box.engine import Engine
from runner.harnesses.install import packaged

NAME: Final = "harness-bench-box"
PACKAGES: Final = (
    *("bubblewrap", "ca-certificates", "g++", "gcc", "git", "libc6-dev", "make"),
    *("nodejs", "python3", "python3-venv"),
)
_FETCHED: Final = f"""\
FROM docker.io/library/debian:12-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends {" ".join(PACKAGES)} \\
 && rm -rf /var/lib/apt/lists/*"""
_LABEL: Final = "harness-bench.made-of"
_BUILD: Final = "run `harness-bench box build`, once: minutes, and some GB"
_DOCKERFILE: Final = """\
{base}
COPY run.lock /opt/run.lock
RUN {secrets} python3 -m venv /opt/venv \\
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes \\
 --requirement /opt/run.lock
COPY code /opt/code
ENV HOME=/tmp LANG=C.UTF-8 XDG_CACHE_HOME=/opt/cache PYTHONDONTWRITEBYTECODE=1
RUN {secrets} NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \\
 PYTHONPATH=/opt/code /opt/venv/bin/python -m harness_bench harness {words} \\
 && rm -rf /opt/code
RUN chmod 700 /root /var/log /var/lib && rm -rf /tmp/.??* /tmp/* && mkdir -m 1777 /box
LABEL {label}={made_of}
"""
_SECRETS: Final = (
    ("pip", ("/etc/pip.conf", "~/.config/pip/pip.conf"), "/etc/pip.conf"),
    ("npm", ("~/.npmrc",), "/tmp/.npmrc"),  # noqa: S108 - in the image
    ("ca", ("$SSL_CERT_FILE", "$PIP_CERT"), "/etc/ssl/certs/ca-certificates.crt"),
)
"""What registries need of this machine while the image is made: name, where it may be,
and where it is then. None of it stays in the image."""


def made_of() -> str:
    """Hash of what this version makes an image of."""
    pins = sorted(f"{each.name} {each.version}" for each in packaged().values())
    parts = (_DOCKERFILE, _FETCHED, *pins, run_lock().read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def image_id(engine: Engine) -> str:
    """The image that is there.

    Raises:
        SandboxError: There is none, or one of another version.
    """
    form = f'{{{{.Id}}}} {{{{index .Config.Labels "{_LABEL}"}}}}'
    try:
        said = engine.asked("image", "inspect", "--format", form, NAME)
    except SandboxError as error:
        what = f"has no image for the box ({error})"
        raise SandboxError(Problem(engine.name, what, _BUILD)) from error
    found, _, of = said.partition(" ")
    if of != made_of():
        what = "has an image for the box of another version of harness-bench"
        raise SandboxError(Problem(engine.name, what, _BUILD))
    return found


def build(
    engine: Engine,
    names: Sequence[str],
    *,
    base: Path | None,
    tell: Callable[[str], None],
) -> str:
    """Make the image.

    Args:
        engine: What makes it.
        names: The harnesses in it.
        base: A tar file of a Debian system with what `PACKAGES` names, where no
            registry of images can be reached.
        tell: Takes a line for each step.

    Returns:
        Its id.

    Raises:
        SandboxError: The engine cannot make it.
    """
    with tempfile.TemporaryDirectory() as name:
        context = Path(name)
        begin = _FETCHED
        if base is not None:
            begin = "FROM scratch\nADD base.tar /"
            _link(base, context / "base.tar")
        for place, source in code():
            copied = context / "code" / place
            if isinstance(source, bytes):
                copied.parent.mkdir(parents=True, exist_ok=True)
                copied.write_bytes(source)
            else:
                shutil.copytree(
                    source, copied, ignore=shutil.ignore_patterns("__pycache__")
                )
        shutil.copy(run_lock(), context / "run.lock")
        secrets = list(_secrets())
        text = _DOCKERFILE.format(
            base=begin,
            words=" ".join(("install", *names)) if names else "list",
            label=_LABEL,
            made_of=made_of(),
            secrets=" ".join(
                f"--mount=type=secret,id={key},target={target}"
                for key, _, target in secrets
            ),
        )
        (context / "Dockerfile").write_text(text, encoding="utf-8")
        tell(f"{engine.name}: building {NAME}")
        options = [f"--secret=id={key},src={path}" for key, path, _ in secrets]
        if engine.is_podman:
            options.append("--isolation=chroot")
        command = (engine.name, "build", "--network", "host", *options, "-t", NAME, ".")
        built = subprocess.run(  # noqa: S603 - a known command
            command,
            cwd=context,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "DOCKER_BUILDKIT": "1"},
            check=False,
        )
    if built.returncode:
        lines = [line for line in built.stderr.splitlines() if line.strip()]
        for line in lines[-20:]:
            tell(line)
        what = f"cannot build the image ({shown(lines[-1] if lines else '')})"
        raise SandboxError(Problem(engine.name, what))
    return image_id(engine)


def _secrets() -> Iterator[tuple[str, Path, str]]:
    for key, places, target in _SECRETS:
        for place in places:
            path = Path(os.path.expandvars(place)).expanduser()
            if path.is_file():
                yield key, path, target
                break


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy(source, target)
