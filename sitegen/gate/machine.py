"""What tells of this computer and its keys: to be in no site, whoever wrote it."""

import getpass
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness_bench.readings import plain

_SECRET = re.compile(
    r"(^|_)(api_?)?(key|token|secret|password|passwd|passphrase|credentials?)(_|$)",
    re.IGNORECASE,
)
_SHORTEST_VALUE = 8
_SHORTEST_NAME = 4
_ANYBODY = frozenset(
    {"root", "user", "username", "name", "you", "your", "me", "home", "admin"}
    | {"guest", "test", "nobody", "shared", "runner", "localhost", "ubuntu"}
    | {"debian", "docker", "public", "jovyan", "vscode", "server", "desktop"}
    | {"laptop", "macbook", "machine", "workstation", "computer", "bench", "model"}
    | {"agent", "build", "node", "main", "coder", "sandbox", "appuser"}
)
"""Names that tell nothing."""

_KEYS = (
    (
        "an API key",
        "sk-",
        r"sk-(?<=\bsk-)(?=[A-Za-z_-]*\d)(?:[a-z]+-)*[A-Za-z0-9_-]{20,}",
    ),
    ("a GitHub token", "gh", r"gh[pousr]_(?<=\bgh[pousr]_)[A-Za-z0-9]{30,}"),
    ("a GitHub token", "github_pat_", r"\bgithub_pat_\w{30,}"),
    ("a GitLab token", "glpat-", r"\bglpat-[\w-]{20,}"),
    ("a Hugging Face token", "hf_", r"\bhf_[A-Za-z0-9]{30,}"),
    ("an AWS key", "AKIA", r"\bAKIA[A-Z0-9]{16}\b"),
    ("a Google key", "AIza", r"\bAIza[\w-]{35}"),
    ("a Slack token", "xox", r"\bxox[abeoprs]-[\w-]{10,}"),
    ("a JSON Web Token", "eyJ", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    ("a private key", "PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
)
_SOMEBODY = r"(?!(?:NOBODY)\b)\w[\w.-]*".replace("NOBODY", "|".join(sorted(_ANYBODY)))
_BEFORE = r"(?<![\w./-])"
_HOMES = (
    *(
        (f"/{name}/", rf"{_BEFORE}/{name}/{_SOMEBODY}")
        for name in ("home", "Users", "mnt", "media", "Volumes")
    ),
    ("/root/", rf"{_BEFORE}/root/\w"),
    ("file:///", r"file:///\w"),
    ("Users\\", rf"\b[A-Za-z]:\\+Users\\+{_SOMEBODY}"),
)


@dataclass(frozen=True, slots=True)
class _Never:
    """What no text may say."""

    what: str
    hint: str
    """Where this is not, the pattern is not either."""
    pattern: re.Pattern[str]
    is_secret: bool = False
    """Whether nobody can allow it."""
    any_case: bool = False
    """Whether the hint is to be looked for in lower case."""


_EVERYWHERE = (
    *(
        _Never(f"what looks like {what}", hint, re.compile(it))
        for what, hint, it in _KEYS
    ),
    *(
        _Never("a path of somebody's machine", hint, re.compile(it))
        for hint, it in _HOMES
    ),
)


class Machine:
    """What of this machine no text may say.

    Args:
        environment: Variables; those that are called secrets are.
        folders: Whose absolute paths tell where somebody works.
        names: Of the user and the host, and what each is.
        public: What the author says in public, an address for instance, or allows.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        folders: Iterable[Path] = (),
        names: Mapping[str, str],
        public: str = "",
    ) -> None:
        self._never = [*_EVERYWHERE]
        self._public = public.lower()
        for name, value in sorted(environment.items()):
            secret, what = value.strip(), f"the value of ${name}"
            if _SECRET.search(name) and len(secret) >= _SHORTEST_VALUE:
                whole = re.compile(re.escape(secret))
                self._never.append(_Never(what, secret, whole, is_secret=True))
        for folder in sorted({*map(str, folders)} - {"/"}):
            end = "/" if folder.count("/") == 1 else r"(?![\w-])"
            whole = re.compile(rf"{_BEFORE}{re.escape(folder)}{end}")
            self._never.append(_Never("a path of this machine", folder, whole))
        for name, what in names.items():
            telling = name.lower() not in _ANYBODY and len(name) >= _SHORTEST_NAME
            if telling and name.lower() not in self._public:
                whole = re.compile(rf"(?i)\b{re.escape(name)}\b")
                self._never.append(_Never(what, name.lower(), whole, any_case=True))

    @property
    def key(self) -> str:
        """Changes with what must not be said."""
        return repr(
            (sorted(each.pattern.pattern for each in self._never), self._public)
        )

    def inside(self, text: str) -> dict[str, str]:
        """What a text says of the machine, and in which words.

        Look-alikes are read as what they look like, too.
        """
        texts = [text] if text.isascii() else [text, plain(text)]
        lower = [each.lower() for each in texts]
        found: dict[str, str] = {}
        for never in self._never:
            # What is of ASCII is in the plain text wherever it is in the other one.
            among = (lower if never.any_case else texts)[-never.hint.isascii() :]
            if any(never.hint in each for each in among):
                for each in texts:
                    for match in never.pattern.finditer(each):
                        if never.is_secret or match[0].lower() not in self._public:
                            found[never.what] = match[0]
                            break
        return found


def names_here() -> dict[str, str]:
    """The names of user and host."""
    found = {socket.gethostname(): "the name of this host"}
    with suppress(OSError, KeyError):
        found[getpass.getuser()] = "the name of this user"
    return found
