"""Where an API has what we call `/v1/chat/completions`.

Most have it below their address. Some have another version than v1 in it, or none:
`https://open.bigmodel.cn/api/paas/v4`,
`https://generativelanguage.googleapis.com/v1beta/openai`,
`https://api.perplexity.ai/chat/completions`.
"""

import re
from typing import Final
from urllib.parse import urlsplit

_VERSION: Final = re.compile(r"/v\d+[a-z]*\d*(?=/|$)")
_WHOLE: Final = re.compile(r"/(chat/completions|messages|responses)$")


def served_at(base_url: str, path: str) -> str:
    """The address of a path of ours, which begins with `/v1`.

    Args:
        base_url: With another version in it, or a whole path, it is taken as it is.
        path: With its query.
    """
    base, given = base_url.rstrip("/"), urlsplit(base_url).path.rstrip("/")
    if _WHOLE.search(given) or _VERSION.search(given):
        return _WHOLE.sub("", base) + path.removeprefix("/v1")
    return base + path
