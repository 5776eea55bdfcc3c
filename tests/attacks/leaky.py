"""A `bwrap` with a hole: changes the options it is given, and runs the real one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """\
#!/usr/bin/python3
import json, os, sys

real, without, extra = json.loads({told!r})
place = sys.argv.index("--args") + 1
with open(int(sys.argv[place]), "rb") as file:
    words = file.read().decode().split("\\0")[:-1]
kept, at = [], 0
while at < len(words):
    for option in without:
        if words[at : at + len(option)] == option or (
            option[-1] == "*" and words[at] == option[0]
        ):
            at += len(option)
            break
    else:
        kept.append(words[at])
        at += 1
last = kept.index("--chdir")
for at, word in enumerate(kept):
    if word == "--remount-ro":
        last = at
        break
words = kept[:last] + extra + kept[last:]
options = os.memfd_create("options")
os.set_inheritable(options, True)
os.write(options, "".join(word + "\\0" for word in words).encode())
os.lseek(options, 0, os.SEEK_SET)
sys.argv[place] = str(options)
os.execv(real, ["bwrap", *sys.argv[1:]])
"""


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Options that are left out, and others that are given."""

    without: Sequence[Sequence[str]] = ()
    """Each with its values; a last "*" stands for any value."""
    extra: Sequence[str] = ()

    def make(self, folder: Path, real: str) -> None:
        """Put such a `bwrap` into a folder."""
        told = json.dumps([real, self.without, self.extra])
        program = folder / "bwrap"
        program.write_text(_PROGRAM.format(told=told))
        program.chmod(0o755)
