"""Streams between threads: what writes goes on to what reads, a few chunks at a time.

Encryption and uploads ask for bytes, an archive hands them out; a thread stands between them. Whichever side fails, the
other one hears of it, so that half a stream never passes for a whole one.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Chunks that wait between two threads, and how long one side waits before it looks whether the other is still there.
WAITING, LOOK = 8, 0.2
LARGEST = 1 << 20


class Left(OSError):
    """The other side has gone."""


class Pipe:
    """A file that one thread writes and another one reads."""

    def __init__(self) -> None:
        self._chunks: queue.Queue[bytes] = queue.Queue(WAITING)
        self._chunk, self._at, self._over = b"", 0, False
        self._failed, self._left = threading.Event(), threading.Event()

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        while chunk and not self._left.is_set():
            try:
                self._chunks.put(chunk, timeout=LOOK)
            except queue.Full:
                continue
            return len(chunk)
        if self._left.is_set():
            raise Left("nobody reads any more")
        return 0

    def flush(self) -> None:
        """Nothing waits here."""

    def end(self, failed: bool = False) -> None:
        """The writer is done; ``failed``: what it has written is not whole."""
        if failed:
            self._failed.set()
        while not self._left.is_set():
            try:
                self._chunks.put(b"", timeout=LOOK)
            except queue.Full:
                continue
            return

    @property
    def left(self) -> bool:
        return self._left.is_set()

    def leave(self) -> None:
        """The reader reads no more."""
        self._left.set()

    def read(self, size: int = -1) -> bytes:
        """What is there, up to ``size`` bytes; nothing at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(LARGEST), b""))
        if self._at == len(self._chunk) and not self._over:
            self._chunk, self._at = self._chunks.get(), 0
            self._over = not self._chunk
            if self._over and self._failed.is_set():
                raise Left("the stream was aborted")
        given = self._chunk[self._at : self._at + size]
        self._at += len(given)
        return given


@contextmanager
def into(consume: Callable[[Pipe], Any]) -> Iterator[Pipe]:
    """Gives a file to write to, which ``consume`` reads in a thread of its own. Raises what ``consume`` raised."""
    pipe, errors = Pipe(), list[BaseException]()
    thread = threading.Thread(target=_watched, args=(consume, pipe, pipe.leave, errors), daemon=True)
    thread.start()
    failed = True
    try:
        yield pipe
        failed = False
    except Left as error:
        thread.join()
        raise (errors or [error])[0] from error
    finally:
        pipe.end(failed)
        thread.join()
    if errors:
        raise errors[0]


@contextmanager
def out_of(produce: Callable[[Pipe], Any]) -> Iterator[Pipe]:
    """Gives a file to read from, which ``produce`` writes in a thread of its own. Raises what ``produce`` raised."""
    pipe, errors = Pipe(), list[BaseException]()

    def end() -> None:
        pipe.end(failed=bool(errors))

    thread = threading.Thread(target=_watched, args=(produce, pipe, end, errors), daemon=True)
    thread.start()
    try:
        yield pipe
    except BaseException as error:
        pipe.leave()
        thread.join()
        raise next((e for e in errors if not isinstance(e, Left)), error) from error
    pipe.leave()
    thread.join()
    if errors and not isinstance(errors[0], Left):
        raise errors[0]


def _watched(work: Callable[[Pipe], Any], pipe: Pipe, then: Callable[[], None], errors: list[BaseException]) -> None:
    try:
        work(pipe)
    except BaseException as error:
        errors.append(error)
    finally:
        then()
