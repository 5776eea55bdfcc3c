"""Page numbers of a selection: pages.py SELECTION PAGES."""

import re
import sys

ITEM = re.compile(r"(?P<begin>[0-9]+)?\s*(?P<hyphen>-)?\s*(?P<end>[0-9]+)?")


class SelectionError(Exception):
    """An item that selects nothing; str() is the item."""


def pages(selection, last):
    """The selected pages of a document with `last` pages, each once.

    Raises:
        SelectionError: With the first item that is no page and no range.
    """
    found = []
    for text in selection.split(","):
        item = text.strip()
        begin, end = ends(item, last)
        step = 1 if begin <= end else -1
        for page in range(begin, end + step, step):
            found.append(page)
    return found


def ends(item, last):
    """First and last page of an item."""
    match = ITEM.fullmatch(item)
    if match is None or not (match["begin"] or match["end"]):
        raise SelectionError(item)
    if match["hyphen"]:
        begin, end = int(match["begin"] or 1), int(match["end"] or last)
    elif match["end"]:  # two numbers with a blank between them
        raise SelectionError(item)
    else:
        begin = end = int(match["begin"])
    if not (1 <= begin <= last and 1 <= end <= last):
        raise SelectionError(item)
    return begin, end


def main():
    selection, last = sys.argv[1], int(sys.argv[2])
    try:
        found = pages(selection, last)
    except SelectionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(*found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
