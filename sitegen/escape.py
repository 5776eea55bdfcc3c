"""One escape for each context into which text is written."""

import json
import re
from urllib.parse import quote

_NOT_XML = re.compile(
    "[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SCRIPT_UNSAFE = re.compile("[<>&{\u2028\u2029]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def one_line(text: str) -> str:
    """Text whose line breaks and control characters are one space."""
    return _CONTROL.sub(" ", text)


def plotly_text(text: str) -> str:
    """Text that Plotly shows as it is, in labels, names and hover boxes.

    Plotly reads a small HTML, TeX between dollar signs and, in templates,
    `%{...}`; line breaks and control characters become one space.
    """
    text = (
        one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )
    return text.replace("$", "&#36;").replace("%{", "&#37;{")


def script_json(value: object) -> str:
    """Compact JSON that may stand in a script element, a .js file or a template.

    Keys keep their order. No string holds `<`, `>`, `&` or `{`; outside strings
    JSON itself has no `{{` and no `{%`, so HTML and Liquid see nothing of theirs.

    Raises:
        ValueError: NaN or infinity, which JSON does not have.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = _JSON_STRING.sub(_plain_string, text)
    # A lone surrogate cannot be written as UTF-8; as an escape it is JSON.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain_string(match: re.Match[str]) -> str:
    return _SCRIPT_UNSAFE.sub(_code, match[0])


def _code(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def csv_field(text: str) -> str:
    """A text cell that no spreadsheet runs as a formula.

    Numbers stay as they are; quoting is the CSV writer's.
    """
    if text.startswith(_FORMULA_START) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def liquid(text: str) -> str:
    """HTML text or attribute value in which Liquid finds no tag of its own."""
    return text.replace("{", "&#123;").replace("}", "&#125;")


def url_path(path: str) -> str:
    """A relative path of the site as the value of an href or src."""
    return quote(path, safe="/-._~", errors="replace")


def xml_text(text: str) -> str:
    """Text or attribute value in XML; what XML cannot hold becomes U+FFFD."""
    text = _NOT_XML.sub("\ufffd", text).replace("&", "&amp;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
