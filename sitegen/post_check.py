"""What became of the numbers and claims of posts since they were written."""

from collections.abc import Iterable, Iterator, Mapping

from harness_bench.errors import PostError, Problem, shown
from sitegen.batch import changed, tellable, totals
from sitegen.judge.verdict import Verdict
from sitegen.post_file import Post
from sitegen.published import Published, QuoteError
from sitegen.quotes import Quote, Wrong, quotes, said


def checked(
    posts: Iterable[Post], now: Published, pins: Mapping[str, Mapping[str, bytes]]
) -> list[Problem]:
    """Each quote whose answer is another one today, and each claim of another verdict.

    Args:
        posts: With quotes in either spelling.
        now: What is published today.
        pins: Of earlier days.

    Raises:
        PostError: With every quote that cannot be answered.
    """
    wrong: list[Problem] = []
    found: list[Problem] = []
    for post in posts:
        if post.data and post.data not in pins:
            wrong.append(unpinned(post, pins))
            continue
        then = Published(files=pins[post.data]) if post.data else now
        found += _of_post(post, then, now, wrong)
    if wrong:
        raise PostError(*wrong)
    return found


def _of_post(
    post: Post, then: Published, now: Published, wrong: list[Problem]
) -> Iterator[Problem]:
    may_tell = _may_tell(then, now)
    moved = 0
    for quote in quotes(post.text):
        try:
            if isinstance(quote, Wrong):
                raise QuoteError(quote.what)  # noqa: TRY301 - told in one place
            stated = quote.options.get("verdict", Verdict.HOLDS)
            if stated not in [*Verdict]:
                what = f"verdict is {shown(stated)}, expected {', '.join(Verdict)}"
                raise QuoteError(what)  # noqa: TRY301 - told in one place
            was, today = said(quote, then), _today(quote, now)
        except QuoteError as error:
            wrong.append(post.problem(quote.line, str(error)))
            continue
        if quote.name == "claim":
            if told := _claim(quote, then if post.data else None, now):
                yield post.problem(quote.line, told)
        elif was != today:
            moved += 1
            if may_tell:
                yield post.problem(quote.line, _moved(quote, was, today))
    if moved and not may_tell:
        what = f"{moved} of its quotes have other answers today"
        yield Problem(post.path, what, "too few trials changed to tell which")


def unpinned(post: Post, days: Iterable[str]) -> Problem:
    """That no snapshot is kept of the day that a post is bound to."""
    kept = ", ".join(sorted(days)) or "none"
    what = f"data is {shown(post.data)}; snapshots are kept of: {kept}"
    return Problem(
        post.path, what, "harness-bench pin keeps one of today, and build publishes it"
    )


def _today(quote: Quote, now: Published) -> str:
    try:
        return said(quote, now)
    except QuoteError:
        return "not published any more"


def _claim(quote: Quote, then: Published | None, now: Published) -> str:
    """What is to be told of a claim; empty where its verdict is the expected one.

    That is what the quote states, else that of the post's day, else that it holds.
    """
    known: str | None = then.claim(quote.of)["verdict"] if then else None
    wanted: str | None = quote.options.get("verdict", known)
    try:
        row = now.claim(quote.of)
    except QuoteError as error:
        return str(error)
    if row["verdict"] == (wanted or Verdict.HOLDS):
        return ""
    before = f", and the post says {shown(wanted)}" if wanted else ""
    return f"claim {shown(quote.of)} {_has(row['verdict'])}{before}: {row['figures']}"


def _has(verdict: str) -> str:
    whole = verdict in {Verdict.HOLDS, Verdict.FAILS, Verdict.PARTLY}
    return verdict if whole else f"is {verdict}"


def _moved(quote: Quote, was: str, now: str) -> str:
    if quote.name != "value":
        lines = [*zip(was.split("\n"), now.split("\n"), strict=False)]
        rows = sum(a != b for a, b in lines) + abs(was.count("\n") - now.count("\n"))
        return f"{quote.name} {quote.of} has {rows} other rows today"
    where = ", ".join(f"{key} {value}" for key, value in quote.where.items())
    field = quote.options["field"]
    return f"{field} of {where or quote.of} was {was} and is {now} today"


def _may_tell(then: Published, now: Published) -> bool:
    """Whether enough trials changed of every combo that changed."""
    was, is_ = totals(then), totals(now)
    return changed(was, is_).keys() == tellable(was, is_, now.about["min_cells"])
