"""Finds what a harness's tools are for, from their JSON schemas.

Harnesses call the same thing by many names. What a tool takes tells what it does: a
path and a content write a file; a command runs in a shell; a path alone reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runner.proxy.wire.loose import Table, table, text

_PATHS = ("path", "file_path", "filePath", "filepath", "filename", "file")
_CONTENTS = ("content", "contents", "text", "file_text")
_COMMANDS = ("command", "cmd")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a harness offers."""

    name: str
    schema: Table
    """JSON schema of its arguments."""

    def key(self, names: Iterable[str]) -> str | None:
        """The first of these arguments that it takes."""
        properties = table(self.schema.get("properties"))
        return next((name for name in names if name in properties), None)

    @property
    def required(self) -> frozenset[str]:
        """The arguments that it must have."""
        names = self.schema.get("required")
        return frozenset(map(text, names if isinstance(names, list) else ()))

    def used(self, arguments: Mapping[str, str]) -> "Use":
        """A use of it, with something harmless for what else it must have."""
        properties = table(self.schema.get("properties"))
        others = {
            name: _harmless(table(properties.get(name)))
            for name in sorted(self.required - arguments.keys())
        }
        return Use(self.name, {**arguments, **others})


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a tool."""

    tool: str
    arguments: Table


class Toolbox:
    """What can be done with the tools of one request; None: none of them can."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = tuple(tools)

    def __bool__(self) -> bool:
        return bool(self._tools)

    def write(self, path: str, content: str) -> Use | None:
        """Write a file, with all that is in it."""
        for tool in self._tools:
            where, what = tool.key(_PATHS), tool.key(_CONTENTS)
            if where and what and tool.required <= {where, what}:
                return tool.used({where: path, what: content})
        return None

    def read(self, path: str) -> Use | None:
        """Read a file."""
        found = [
            (tool, where)
            for tool in self._tools
            if (where := tool.key(_PATHS)) and tool.required == {where}
        ]
        # Listing a folder takes the same arguments.
        found.sort(key=lambda pair: "read" not in pair[0].name.lower())
        return next((tool.used({where: path}) for tool, where in found), None)

    def shell(self, command: str) -> Use | None:
        """Run a command."""
        for tool in self._tools:
            if (what := tool.key(_COMMANDS)) and what in tool.required:
                return tool.used({what: command})
        return None


def _harmless(schema: Table) -> object:
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    empty: Table = {
        "boolean": False,
        "integer": 1,
        "number": 1,
        "array": [],
        "object": {},
    }
    return empty.get(text(schema.get("type")), "part of a script")
