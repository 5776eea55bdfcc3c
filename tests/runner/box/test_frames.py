import asyncio
import os
import struct
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.box.frames import (
    LONGEST,
    WINDOW,
    BrokenStreamError,
    Channel,
    Decoder,
    Frame,
    FrameError,
    Kind,
    Stream,
    connect,
)

frames = st.builds(
    Frame, st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=300)
)


@given(st.lists(frames, max_size=8), st.data())
def test_frames_come_out_as_they_went_in_however_they_are_split(
    sent: list[Frame], data: st.DataObject
) -> None:
    whole = b"".join(frame.encoded() for frame in sent)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=12).map(sorted))
    decoder = Decoder()
    found: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += decoder.feed(whole[start:end])
    assert found == sent


@pytest.mark.parametrize("head", [(9, 1, 0), (Kind.DATA, 1, LONGEST + 1), (0, 0, 0)])
def test_a_frame_that_cannot_be_is_refused(head: tuple[int, int, int]) -> None:
    with pytest.raises(FrameError):
        list(Decoder().feed(struct.pack(">BII", *head)))


Accept = Callable[[Stream], Awaitable[None]]


async def _nothing(stream: Stream) -> None:
    await stream.read()


async def _pair(accept: Accept) -> tuple[Channel, Channel, list[asyncio.Task[None]]]:
    """Two ends of one connection, and what reads at each."""
    there, back = os.pipe(), os.pipe()
    ends = [
        await connect(back[0], there[1], first=0, accept=_nothing),
        await connect(there[0], back[1], first=1, accept=accept),
    ]
    for file in (*there, *back):
        os.close(file)
    tasks = [asyncio.ensure_future(end.run()) for end in ends]
    return ends[0], ends[1], tasks


async def _hung_up(ends: tuple[Channel, Channel, list[asyncio.Task[None]]]) -> None:
    ends[0].close()
    ends[1].close()
    await asyncio.gather(*ends[2], return_exceptions=True)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 2 * WINDOW), min_size=1, max_size=3))
def test_streams_side_by_side_bring_back_all_that_was_sent(sizes: list[int]) -> None:
    async def echo(stream: Stream) -> None:
        while data := await stream.read():
            await stream.write(data)

    async def there_and_back(channel: Channel, content: bytes) -> bytes:
        stream = channel.open(what="echo")

        async def send() -> None:
            await stream.write(content)
            stream.end()

        sending = asyncio.ensure_future(send())
        found = await stream.read_all(len(content))
        await sending
        return found

    async def scene() -> None:
        ends = await _pair(echo)
        contents = [os.urandom(1) * size for size in sizes]
        found = await asyncio.gather(
            *(there_and_back(ends[0], content) for content in contents)
        )
        assert list(found) == contents
        await _hung_up(ends)

    asyncio.run(scene())


def test_one_that_is_not_read_takes_a_window_and_holds_up_no_other() -> None:
    async def scene() -> None:
        taken: list[bytes] = []

        async def accept(stream: Stream) -> None:
            if stream.about["what"] == "slow":
                await asyncio.sleep(60)
            while data := await stream.read():
                taken.append(data)

        ends = await _pair(accept)
        slow, quick = ends[0].open(what="slow"), ends[0].open(what="quick")
        filling = asyncio.ensure_future(slow.write(bytes(2 * WINDOW)))
        await quick.write(b"x" * 3 * WINDOW)
        quick.end()
        assert await quick.read() == b""
        assert sum(map(len, taken)) == 3 * WINDOW
        assert not filling.done()
        filling.cancel()
        await _hung_up(ends)

    asyncio.run(scene())


def test_a_stream_that_is_reset_ends_what_was_done_for_it() -> None:
    async def scene() -> None:
        ended = asyncio.Event()
        begun = asyncio.Event()

        async def accept(_: Stream) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        ends = await _pair(accept)
        stream = ends[0].open(what="long")
        await begun.wait()
        stream.reset()
        await ended.wait()
        with pytest.raises(BrokenStreamError):
            await stream.write(b"more")
        await _hung_up(ends)

    asyncio.run(scene())


def test_when_the_other_side_hangs_up_every_stream_is_broken() -> None:
    async def scene() -> None:
        async def accept(_: Stream) -> None:
            await asyncio.sleep(60)

        ends = await _pair(accept)
        stream = ends[0].open(what="long")
        reading = asyncio.ensure_future(stream.read())
        await asyncio.sleep(0)
        ends[1].close()
        with pytest.raises(BrokenStreamError):
            await reading
        with pytest.raises(BrokenStreamError):
            ends[0].open(what="late")
        await _hung_up(ends)

    asyncio.run(scene())


@pytest.mark.parametrize(
    "sent",
    [
        Frame(Kind.OPEN, 2, b"{}"),
        Frame(Kind.OPEN, 1, b"no JSON"),
        Frame(Kind.OPEN, 1, b"[]"),
    ],
)
def test_a_stream_against_the_rules_ends_the_connection(sent: Frame) -> None:
    async def scene() -> None:
        there, back = os.pipe(), os.pipe()
        end = await connect(back[0], there[1], first=0, accept=_nothing)
        os.write(back[1], sent.encoded())
        with pytest.raises(FrameError):
            await end.run()
        end.close()
        for file in (*there, *back):
            os.close(file)

    asyncio.run(scene())


def test_more_than_the_window_is_against_the_rules() -> None:
    sent: list[Frame] = []
    stream = Stream(sent.append, 1, {})
    for _ in range(WINDOW // LONGEST):
        stream.take(Frame(Kind.DATA, 1, bytes(LONGEST)))
    with pytest.raises(FrameError):
        stream.take(Frame(Kind.DATA, 1, b"x"))
    with pytest.raises(FrameError):
        stream.take(Frame(Kind.CREDIT, 1, struct.pack(">I", 1)))
