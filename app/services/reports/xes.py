"""A log of events as XES (IEEE 1849-2016), the format that tools of process mining read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import quoteattr

from app.services.core import clock
from app.services.reports.parts import Step

CONTENT_TYPE = "application/xml"
#: What XML 1.0 can't hold in any writing.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EXTENSIONS = {"Concept": "concept", "Time": "time", "Lifecycle": "lifecycle", "Organizational": "org"}
UNKNOWN = "UNKNOWN"
#: Characters that are in memory at a time, about.
CHUNK = 1 << 16


def log(sop: str, steps: Iterable[Step]) -> Iterator[bytes]:
    """The log, chunk by chunk: a trace for each case, an event for each of its steps. ``steps``: case by case, oldest
    first. A case without any step of the SOP (one that was imported, for instance) makes no trace."""
    waiting: list[str] = [_head(sop)]
    size = 0
    for case, found in groupby(steps, key=lambda step: (step.case, step.state)):
        waiting.append(_trace(sop, *case, found))
        size += len(waiting[-1])
        if size > CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join([*waiting, "</log>\n"]).encode()


def _head(sop: str) -> str:
    extensions = "".join(
        f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for name, prefix in EXTENSIONS.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
        + extensions
        + '<global scope="trace">\n' + _string("concept:name", UNKNOWN) + "</global>\n"
        + '<global scope="event">\n' + _string("concept:name", UNKNOWN) + _string("lifecycle:transition", "complete")
        + '<date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>\n</global>\n'
        + '<classifier name="Activity" scope="event" keys="concept:name"/>\n'
        + _string("concept:name", sop) + _string("lifecycle:model", "standard")
    )  # fmt: skip


def _trace(sop: str, case: str, state: str, steps: Iterable[Step]) -> str:
    parts = _string("concept:name", case) + _string("sop", sop) + _string("state", state)
    return f"<trace>\n{parts}{''.join(map(_event, steps))}</trace>\n"


def _event(step: Step) -> str:
    at = step.at.astimezone(clock.zone()).isoformat(timespec="milliseconds")
    parts = [
        _string("concept:name", step.action), _string("label", step.label),
        f'<date key="time:timestamp" value="{at}"/>\n', _string("lifecycle:transition", "complete"),
        _string("org:resource", step.actor), _string("account", step.account) if step.account else "",
        _string("org:role", step.role) if step.role else "",
        _string("from", step.from_state), _string("to", step.to_state), f'<int key="round" value="{step.round}"/>\n',
    ]  # fmt: skip
    return f"<event>\n{''.join(parts)}</event>\n"


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(FORBIDDEN.sub("", value))}/>\n'
