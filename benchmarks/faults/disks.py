"""SQLite's own writes fail, at random or because the disk is full."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from app.services.core.errors import Refused
from benchmarks.faults import acts, judge, killing
from benchmarks.faults.house import House, chance_of

#: What SQLite writes through, by the names that it has for it.
WRITES = ("write", "pwrite", "pwrite64")
WRITING_CALL = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long)
FAILS = ctypes.CFUNCTYPE(ctypes.c_ssize_t, *WRITING_CALL, use_errno=True)
SETS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)


class Vfs(ctypes.Structure):
    """``struct sqlite3_vfs`` of SQLite, up to the function that puts another system call in place of its own."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("version", "size", "longest")),
        *((name, ctypes.c_void_p) for name in ("next", "name", "data")),
        *((f"function_{n}", ctypes.c_void_p) for n in range(13)),
        ("set_system_call", SETS),
    )


#: Bytes that are left on a small disk.
ROOM = 1 << 20
#: Acts that write into the database.
WRITING = ("transition", "upload", "bulk step", "mutation", "mail in", "import of customers", "import of cases")


def failing_writes(house: House, rounds: int, seed: int) -> dict[str, object]:
    """Writes of SQLite fail with EIO or ENOSPC, one in so many; whoever works is refused, and nothing is torn."""
    wrongs, ends, seen = list[str](), Counter[str](), 0
    for turn in range(rounds):
        chance = chance_of(seed, turn)
        name = WRITING[turn % len(WRITING)]

        def work(name: str = name, chance: random.Random = chance) -> str:
            with bad_disk(chance):
                return tried(house, name, chance)

        try:
            ends[killing.inside(house, work)] += 1
        except killing.Failed as error:
            wrongs.append(f"{name}, round {turn}: {error}")
        seen = _judged(house, f"{name}, round {turn}", wrongs, seen)
    return {"rounds": rounds, "ends": dict(ends), "wrongs": wrongs}


def full_disk(house: House, seed: int) -> dict[str, object]:
    """The instance lies on a disk on which others have left little room; then they go, and work goes on."""
    wrongs, ends, turn = list[str](), Counter[str](), 0
    others = house.folder / "others"
    others.write_bytes(bytes(shutil.disk_usage(house.folder).free - ROOM))
    while ends["refused"] < 5 and turn < 200:
        turn += 1
        name = WRITING[turn % len(WRITING)]
        chance = chance_of(seed, turn)
        ends[killing.inside(house, lambda name=name, chance=chance: tried(house, name, chance))] += 1
    if not ends["refused"]:
        wrongs.append("the disk never filled up")
    others.unlink()
    _judged(house, "after the disk was full", wrongs, 0)
    if (after := killing.inside(house, lambda: tried(house, "transition", chance_of(seed)))) != "done":
        wrongs.append(f"with room again a step ends as {after}")
    return {"acts": turn, "ends": dict(ends), "wrongs": wrongs}


def tried(house: House, name: str, chance: random.Random) -> str:
    """How an act ended. An error of the database that is no refusal a page would answer as our own fault."""
    with force_locale("en"):
        try:
            acts.ACTS[name](house, chance)
        except Refused:
            return "refused"
        except (SQLAlchemyError, OSError) as error:
            return f"error: {type(error).__name__}"
    return "done"


def _judged(house: House, when: str, wrongs: list[str], seen: int) -> int:
    def work() -> tuple[list[str], int]:
        last = judge.last_document()
        return judge.wrongs(house, seen), last

    found, last = killing.inside(house, work)
    wrongs += [f"{when}: {one}" for one in found]
    return int(last)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Raises ``PermissionError`` where nothing may be mounted."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        raise PermissionError("a small disk needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def bad_disk(chance: random.Random) -> Iterator[None]:
    """For this process: SQLite's writes fail, each with a likelihood that is drawn once."""
    library = ctypes.CDLL(ctypes.util.find_library("sqlite3") or "libsqlite3.so.0")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    vfs = library.sqlite3_vfs_find(None)
    put = vfs.contents.set_system_call
    libc = ctypes.CDLL(None, use_errno=True)
    likely, code = chance.choice((0.01, 0.05, 0.3)), chance.choice((errno.EIO, errno.ENOSPC))
    kept = [_failing(libc, name, chance, likely, code) for name in WRITES]
    for name, function in zip(WRITES, kept, strict=True):
        put(vfs, name.encode(), ctypes.cast(function, ctypes.c_void_p))
    try:
        yield
    finally:
        put(vfs, None, None)


def _failing(libc: ctypes.CDLL, name: str, chance: random.Random, likely: float, code: int) -> object:
    real = getattr(libc, name)
    real.restype = ctypes.c_ssize_t
    real.argtypes = list(WRITING_CALL)

    def call(descriptor: int, content: int, size: int, offset: int) -> int:
        if chance.random() < likely:
            ctypes.set_errno(code)
            return -1
        return int(real(descriptor, content, size, offset))

    return FAILS(call)
