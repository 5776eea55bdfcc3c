"""Posts of the site's owner: Markdown with quotes of what is published, as pages."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from harness_bench.errors import PostError, Problem
from sitegen.batch import newer
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo, TaskInfo
from sitegen.page import Content, Page, PageType, Section
from sitegen.post_check import unpinned
from sitegen.post_file import Post
from sitegen.prose import markdown_html
from sitegen.published import Published, QuoteError
from sitegen.quotes import Place, Quote, Wrong, at, quoted, quotes, said, unwrapped
from sitegen.words import Words, link, words

Info = TypeVar("Info", ModelInfo, HarnessInfo, TaskInfo)


def filled(
    text: str,
    published: Published,
    place: Place,
    *,
    wrong: Callable[[int, str], None],
    top: int = 3,
) -> str:
    """Markdown with quotes as HTML.

    Args:
        text: Of a post, or notes.
        published: What it quotes.
        place: Where it is shown.
        wrong: Is told the line of each quote that cannot be answered, and why.
        top: The level of its highest heading.
    """
    parts, answers, done = [], {}, 0
    mark = _mark(text)
    for number, quote in enumerate(quotes(text)):
        if isinstance(quote, Wrong):
            wrong(quote.line, quote.what)
            continue
        try:
            answer = quoted(quote, published, place)
        except QuoteError as error:
            wrong(quote.line, str(error))
            continue
        token = f"{mark}{number}z"
        # A block stands alone, however it was written.
        parts += [text[done : quote.span[0]], token]
        answers[token] = answer, quote
        done = quote.span[1]
    made = markdown_html(unwrapped("".join([*parts, text[done:]])), top=top)
    return re.sub(
        rf"<p>\s*({mark}\d+z)\s*</p>|({mark}\d+z)",
        lambda found: _put(found, answers),
        made,
    )


def notes_html(text: str, published: Published) -> str:
    """The author's notes, for a page in the site's own folder.

    Raises:
        PostError: With every quote that cannot be answered.
    """
    problems: list[Problem] = []

    def wrong(line: int, what: str) -> None:
        problems.append(Problem("notes", what, line=line))

    found = filled(text, published, at(""), wrong=wrong)
    if problems:
        raise PostError(*problems)
    return found


def noted(metadata: Metadata, published: Published) -> Metadata:
    """Models, harnesses and tasks, with what their notes quote as plain text.

    Raises:
        PostError: One of them quotes what is not published.
    """

    def told(file: str, infos: Mapping[str, Info]) -> dict[str, Info]:
        return {
            name: replace(info, note=_plain(info.note, f"{file}: {name}", published))
            if info.note
            else info
            for name, info in infos.items()
        }

    return Metadata(
        models=told("models.csv", metadata.models),
        harnesses=told("harnesses.csv", metadata.harnesses),
        tasks=told("tasks.csv", metadata.tasks),
    )


def _plain(note: str, where: str, published: Published) -> str:
    for quote in [*quotes(note)][::-1]:
        try:
            if isinstance(quote, Wrong):
                raise QuoteError(quote.what)  # noqa: TRY301 - told in one place
            low, high = quote.span
            note = note[:low] + said(quote, published) + note[high:]
        except QuoteError as error:
            raise PostError(Problem(where, f"note: {error}")) from error
    return note


def _put(found: re.Match[str], answers: Mapping[str, tuple[str, Quote]]) -> str:
    answer, quote = answers[found[1] or found[2]]
    return answer if found[2] or quote.is_block else f"<p>{answer}</p>"


def _mark(text: str) -> str:
    """A word that Markdown leaves alone and that the text does not have."""
    word = "quote"
    while word in text:
        word += "q"
    return word


def post_pages(
    posts: Sequence[Post],
    published: Published,
    pins: Mapping[str, Mapping[str, bytes]],
) -> Iterator[Page]:
    """A page that lists the posts, and one for each.

    Args:
        posts: The newest first.
        published: What the site says today.
        pins: What it said on the days that posts are bound to.

    Raises:
        PostError: With every quote that cannot be answered, in all of them.
    """
    problems: list[Problem] = []
    pages = []
    for post in posts:
        if post.data and post.data not in pins:
            problems.append(unpinned(post, pins))
            continue
        pinned = f"pins/{post.data}/" if post.data else ""
        then = Published(files=pins[post.data]) if post.data else published

        def wrong(line: int, what: str, post: Post = post) -> None:
            problems.append(post.problem(line, what))

        made = filled(post.text, then, at("../", pinned), wrong=wrong, top=2)
        least = published.about["min_cells"]
        told = newer(then, published, least) if pinned else ""
        day = (words(post.day),) if post.day else ()
        lead = day + (_dated(then, told) if told else ())
        pages.append(
            Page(
                path=f"posts/{post.slug}.html",
                title=post.title,
                description=f"{post.title}.",
                content=Content(
                    kicker="Post",
                    heading=post.title,
                    lead=lead,
                    sections=(Section(title="", anchor="", html=made),),
                ),
            )
        )
    paths = [page.path for page in pages]
    twice = [path for path in dict.fromkeys(paths) if paths.count(path) > 1]
    problems += [Problem(path, "is of two posts") for path in twice]
    if problems:
        raise PostError(*problems)
    if not pages:
        return
    listed = tuple(
        (post.day, words(link(page.title, page.path)))
        for post, page in zip(posts, pages, strict=True)
    )
    yield Page(
        path=PAGES.href,
        title=PAGES.label,
        description="Posts about these results.",
        content=Content(
            heading=PAGES.label,
            lead=(),
            sections=(Section(title="All posts", anchor="all", terms=listed),),
        ),
    )
    yield from pages


def _dated(then: Published, told: str) -> tuple[Words, ...]:
    """That newer results differ from those of the snapshot that a post quotes."""
    day = f" of {then.day}" if then.day else " of an earlier day"
    more = link("Today's results", "index.html")
    return (words(f"The numbers below are those{day}. {told} ", more),)


PAGES = PageType(label="Posts", href="posts/index.html", pages=lambda _: ())
