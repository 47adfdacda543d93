"""Recordings for tests: valid mp3 files of any length, of nothing."""

from __future__ import annotations

#: MPEG-1 layer III, 32 kbit/s, 48 kHz, mono: 96 bytes that hold 24 milliseconds of silence.
FRAME = b"\xff\xfb\x14\xc0" + bytes(92)
HEAD = b"ID3\x03\x00\x00\x00\x00\x00\x00"


def silence(seconds: int) -> bytes:
    return HEAD + FRAME * (seconds * 1000 // 24)
