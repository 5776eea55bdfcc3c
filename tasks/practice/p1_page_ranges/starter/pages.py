"""Page numbers of a selection: pages.py SELECTION PAGES."""

import sys


def pages(selection, last):
    found = []
    for item in selection.split(","):
        if "-" in item:
            begin, end = item.split("-")
            found.extend(range(int(begin), int(end) + 1))
        else:
            found.append(int(item))
    return found


def main():
    selection, last = sys.argv[1], int(sys.argv[2])
    print(*pages(selection, last))


if __name__ == "__main__":
    main()
