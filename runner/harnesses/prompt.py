"""How an instruction reaches a harness word by word.

As an argument it would not: some take `@name` or `/name` at its start for a file or a
command, one puts quotes around it, and the system allows 128 KiB.
"""

from typing import Final

FILE: Final = "instruction.md"
"""Where it is in the private home folder."""


def prompt(instruction: str) -> str:
    """What the file holds: the instruction, never to be taken for a command."""
    return (
        f"\n{instruction}" if instruction.startswith(("/", "!", "@")) else instruction
    )


def reading_prompt(*command: str) -> tuple[str, ...]:
    """A command with that file as its standard input."""
    return ("/bin/sh", "-c", f'exec "$@" < ~/{FILE}', "sh", *command)
