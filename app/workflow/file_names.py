"""Names of files as they come from other people's computers."""

from __future__ import annotations

import unicodedata

#: What Windows takes for a device, whatever ending follows.
PORTS = frozenset(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³")
DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | PORTS
#: What no file of Windows can have in its name, and what a header or a shell takes for something else.
UNSAFE = '<>:"|?*\\/'
LONGEST, LONGEST_ENDING = 200, 10
#: Above all the surrogates: halves of characters, which no database and no header takes.
HIDDEN = ("C", "Zl", "Zp")


def clean(name: str, otherwise: str = "file") -> str:
    """``name`` without a folder, without characters that show nothing, turn the direction of reading (``gpj.exe`` that
    reads as ``exe.jpg``) or mean something to a system; composed (NFC), at most ``LONGEST`` characters with its ending.
    ``otherwise``: where nothing is left."""
    last = str(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(" " if one.isspace() else one for one in last if not _is_hidden(one))
    seen = "".join("_" if one in UNSAFE else one for one in unicodedata.normalize("NFC", seen))
    seen = " ".join(seen.split()).strip(". ")
    if seen.partition(".")[0].strip().casefold() in DEVICES:
        seen = f"_{seen}"
    return _shortened(seen) or otherwise


def _is_hidden(one: str) -> bool:
    return not one.isspace() and unicodedata.category(one).startswith(HIDDEN)


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > LONGEST_ENDING:
        return name[:LONGEST].rstrip(". ")
    return f"{stem[: LONGEST - len(ending) - 1].rstrip('. ')}.{ending}"
