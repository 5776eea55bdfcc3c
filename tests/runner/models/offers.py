"""The tools that real harnesses offer, as far as a scripted model looks at them."""

from runner.models.toolbox import Tool


def tool(name: str, *required: str, **kinds: str) -> Tool:
    """A tool whose required arguments are strings unless another type is given."""
    types = dict.fromkeys(required, "string") | kinds
    properties = {key: {"type": kind} for key, kind in types.items()}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return Tool(name, schema)


CLAUDE = (
    tool("Bash", "command", timeout="number", description="string"),
    tool("Edit", "file_path", "old_string", "new_string", replace_all="boolean"),
    tool("Glob", "pattern", path="string"),
    tool("Grep", "pattern", path="string"),
    tool("Read", "file_path", offset="number", limit="number"),
    tool("Write", "file_path", "content"),
)
OPENCODE = (
    tool("bash", "command", timeout="number", workdir="string"),
    tool("edit", "filePath", "oldString", "newString", replaceAll="boolean"),
    tool("glob", "pattern", path="string"),
    tool("read", "filePath", offset="number", limit="number"),
    tool("skill", "name"),
    tool("todowrite", "todos", todos="array"),
    tool("webfetch", "url", "format"),
    tool("write", "content", "filePath"),
)
PI = (
    tool("read", "path", offset="number", limit="number"),
    tool("bash", "command", timeout="number"),
    tool("edit", "path", "edits", edits="array"),
    tool("write", "path", "content"),
)
QWEN = (
    tool("agent", "description", "prompt"),
    tool("edit", "file_path", "old_string", "new_string"),
    tool("list_directory", "path"),
    tool("glob", "pattern", path="string"),
    tool("notebook_edit", "notebook_path", "new_source"),
    tool("read_file", "file_path", offset="number", limit="number"),
    tool("run_shell_command", "command", "is_background", is_background="boolean"),
    tool("write_file", "file_path", "content"),
)
SHELL_ONLY = (tool("shell", "command"),)
EDITORS_ONLY = (tool("read", "path"), tool("write", "path", "content"))
