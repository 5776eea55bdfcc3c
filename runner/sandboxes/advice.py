"""What helps when bubblewrap cannot make a sandbox: one line for each cause."""

from pathlib import Path
from typing import Final

MISSING: Final = (
    "bubblewrap: bwrap is not on PATH, expected it to be installed"
    " (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap;"
    " Arch: pacman -S bubblewrap)"
)
SETTINGS: Final = Path("/proc/sys")
"""Where the kernel shows its settings."""

HANGS: Final = (
    "bubblewrap: has not started after {:.0f} s, expected folders that answer"
)
CONTAINED: Final = (
    "a /proc of its own to be allowed; in a container, start that with"
    " --security-opt systempaths=unconfined --security-opt seccomp=unconfined"
)
NESTED: Final = (
    "user namespaces to be allowed; inside a container or another sandbox, whoever"
    " starts that one decides"
)
_PROFILE: Final = (
    "abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }"
)


def after(said: str, *, settings: Path = SETTINGS) -> tuple[str, ...]:
    """What is wrong and what helps.

    Args:
        said: What bubblewrap wrote before it gave up.
        settings: The kernel's.
    """
    lines = [line for line in said.splitlines() if line.startswith("bwrap: ")]
    cause = lines[-1].removeprefix("bwrap: ") if lines else "ended without a word"
    remedies = _remedies(cause, settings)
    if not remedies:
        return (f"bubblewrap: {cause}, expected a sandbox that starts",)
    return tuple(f"bubblewrap: {cause}, expected {remedy}" for remedy in remedies)


def _remedies(cause: str, settings: Path) -> list[str]:
    if "Unknown option" in cause:
        return ["bubblewrap 0.8 or newer"]
    if "proc" in cause and "mount" in cause:
        return [CONTAINED]
    if not any(word in cause for word in ("namespace", "uid map", "userns", "RTM")):
        return []
    found = []
    if _number(settings / "kernel/apparmor_restrict_unprivileged_userns") == 1:
        found.append(
            "AppArmor to let bwrap make user namespaces: put"
            f" '{_PROFILE}' into /etc/apparmor.d/bwrap, then run"
            " 'apparmor_parser -r /etc/apparmor.d/bwrap' as root"
        )
    if _number(settings / "kernel/unprivileged_userns_clone") == 0:
        found.append("'sysctl -w kernel.unprivileged_userns_clone=1' to be run as root")
    if _number(settings / "user/max_user_namespaces") == 0:
        found.append("'sysctl -w user.max_user_namespaces=15000' to be run as root")
    return found or [NESTED]


def _number(setting: Path) -> int | None:
    """What a setting of the kernel says; None: this kernel has none."""
    try:
        return int(setting.read_text())
    except (OSError, ValueError):
        return None
