"""What time it is, as a record says it."""

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, in ISO 8601 with milliseconds: `2026-11-21T07:52:25.502Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
