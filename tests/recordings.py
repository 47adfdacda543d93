"""Recordings for tests: valid mp3 files of any length, of nothing."""

from __future__ import annotations

#: MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono: 104 bytes that hold 1152 samples of silence.
FRAME = b"\xff\xfb\x10\xc0" + bytes(100)
HEAD = b"ID3\x03\x00\x00\x00\x00\x00\x00"


def silence(seconds: int) -> bytes:
    return HEAD + FRAME * (seconds * 44_100 // 1152)
