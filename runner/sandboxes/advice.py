"""What helps when bubblewrap cannot make a sandbox: a problem for each cause."""

from pathlib import Path
from typing import Final

from harness_bench.errors import Problem

MISSING: Final = Problem(
    "bubblewrap",
    "bwrap is not on PATH",
    "install it (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install"
    " bubblewrap; Arch: pacman -S bubblewrap)",
)
ELSEWHERE: Final = "run trials on a Linux machine for now; sites are built anywhere"
SETTINGS: Final = Path("/proc/sys")
"""Where the kernel shows its settings."""

CONTAINED: Final = (
    "allow it a /proc of its own; start a container that it runs in with"
    " --security-opt systempaths=unconfined --security-opt seccomp=unconfined"
)
NESTED: Final = (
    "allow user namespaces; inside a container or another sandbox, whoever starts"
    " that one decides"
)
_PROFILE: Final = (
    "abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }"
)


def after(said: str, *, settings: Path = SETTINGS) -> tuple[Problem, ...]:
    """What is wrong and what helps."""
    lines = [line for line in said.splitlines() if line.startswith("bwrap: ")]
    cause = lines[-1].removeprefix("bwrap: ") if lines else "ended without a word"
    remedies = _remedies(cause, settings) or [""]
    return tuple(Problem("bubblewrap", cause, remedy) for remedy in remedies)


def hangs(after_s: float) -> Problem:
    """What to say of a sandbox that does not start: a mounted folder may not answer."""
    what = f"did not start within {after_s:.0f} s (normally less than one)"
    return Problem("bubblewrap", what, "check that network folders answer")


def _remedies(cause: str, settings: Path) -> list[str]:
    if "Unknown option" in cause:
        return ["install bubblewrap 0.8 or newer"]
    if "proc" in cause and "mount" in cause:
        return [CONTAINED]
    if not any(word in cause for word in ("namespace", "uid map", "userns", "RTM")):
        return []
    found = []
    if _number(settings / "kernel/apparmor_restrict_unprivileged_userns") == 1:
        found.append(
            "let AppArmor allow bwrap user namespaces: put"
            f" '{_PROFILE}' into /etc/apparmor.d/bwrap, then run"
            " 'apparmor_parser -r /etc/apparmor.d/bwrap' as root"
        )
    if _number(settings / "kernel/unprivileged_userns_clone") == 0:
        found.append("run 'sysctl -w kernel.unprivileged_userns_clone=1' as root")
    if _number(settings / "user/max_user_namespaces") == 0:
        found.append("run 'sysctl -w user.max_user_namespaces=15000' as root")
    return found or [NESTED]


def _number(setting: Path) -> int | None:
    """What a setting of the kernel says; None: this kernel has none."""
    try:
        return int(setting.read_text())
    except (OSError, ValueError):
        return None
