"""What `pages.py` prints for selections that work, and for those that do not."""

from grading import Report, candidate, equal

SELECTED = (
    # name, selection, pages of the document, printed
    ("one page", "4", 9, "4"),
    ("the only page of a document", "1", 1, "1"),
    ("an ascending range with both ends", "2-6", 30, "2 3 4 5 6"),
    ("a range of one page", "6-6", 12, "6"),
    ("a descending range with both ends", "12-9", 15, "12 11 10 9"),
    ("an open end", "11-", 14, "11 12 13 14"),
    ("an open end at the last page", "14-", 14, "14"),
    ("an open beginning", "-4", 20, "1 2 3 4"),
    ("several items in their order", "9,2-3,7", 9, "9 2 3 7"),
    ("a page selected twice comes first", "5,3-6,3", 8, "5 3 4 6"),
    ("overlap of a descending range", "4-2,1-5", 5, "4 3 2 1 5"),
    ("blanks anywhere around", "  3 -  5 ,1 , 7- ", 8, "3 4 5 1 7 8"),
    ("leading zeros", "007,08-010", 10, "7 8 9 10"),
    (
        "a long document backwards",
        "3000-1",
        3000,
        " ".join(map(str, range(3000, 0, -1))),
    ),
)
REFUSED = (
    # name, selection, pages of the document, item in the message
    ("a page above the last", "3,16", 15, "16"),
    ("page zero", "0-3", 5, "0-3"),
    ("a range that ends above the last", "4-9", 8, "4-9"),
    ("a descending range from above the last", "12-2", 11, "12-2"),
    ("an open end above the last", "6-", 5, "6-"),
    ("an empty item", "1,,2", 4, ""),
    ("an empty selection", "", 4, ""),
    ("a word", "2, last", 4, "last"),
    ("two hyphens", "1-2-3", 4, "1-2-3"),
    ("two numbers and no hyphen", "1 2", 12, "1 2"),
    ("a sign", "+2", 4, "+2"),
    ("the first of two mistakes", "1, 2x , 99", 10, "2x"),
    ("digits of another script", "\u0663", 4, "\u0663"),
    ("a hyphen alone", "2,-", 4, "-"),
)


def pages(selection, last):
    return candidate(["python3", "pages.py", selection, str(last)])


with Report() as report:
    for name, selection, last, printed in SELECTED:
        with report.test(name):
            done = pages(selection, last)
            equal((done.exit, done.out), (0, printed + "\n"))
    for name, selection, last, item in REFUSED:
        with report.test("refuses " + name):
            done = pages(selection, last)
            equal((done.exit, done.out), (2, ""))
            equal(done.errors.rstrip(), ("error: " + item).rstrip())
