"""Writes the user guides per role anew (``docs/panduan``), in Indonesian: ``python -m tests.publish_guides``.

What is written by hand stands in ``docs/panduan/README.md``; what a role does follows from the procedures' documents.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask_babel import force_locale

from app import create_app
from app.demo.beginning import username
from app.services.accounts import setup
from app.services.procedures.guide import Duty, Part, part
from app.services.procedures.table import Line
from app.sop import SOPS
from tests.conftest import settings_for

FOLDER = Path(__file__).parent.parent / "docs" / "panduan"
PICTURES = FOLDER.parent / "pictures"
HEAD = """# Panduan untuk {role}

Cara masuk, mencari, mengisi formulir, dan menyerahkan dokumen sama untuk semua peran:
[Bekerja dengan Tuntas](README.md).
Halaman ini memuat bagian Anda di setiap prosedur. Di aplikasi, isi yang sama ada di menu akun, **Panduan saya**.
"""
PICTURE = "\n![Tugas saya, seperti yang dilihat {role}](../pictures/{file})\n"


def roles() -> list[str]:
    """Those that do a step of some procedure."""
    return sorted({role for sop in SOPS.values() for step in sop.transitions for role in step.by})


def file_of(role: str) -> str:
    return f"{username(role)}.md"


def picture_of(role: str) -> str:
    return f"{username(role)}-tasks.png"


def written(role: str) -> str:
    """The guide of a role; inside of a request's context."""
    with force_locale("id"):
        parts = [part(sop, [role]) for sop in SOPS.values()]
        shown = PICTURE.format(role=role, file=picture_of(role)) if (PICTURES / picture_of(role)).exists() else ""
        return "\n".join((HEAD.format(role=role) + shown, *(_part(one) for one in parts if not one.reads_alone)))


def _part(one: Part) -> str:
    return "\n".join(_lines(one)) + "\n"


def _lines(one: Part) -> Iterator[str]:
    yield f"## {one.label}"
    if one.begins:
        yield from ("", "Anda memulainya dengan:", "", *_duty(one.begins))
    if one.moments:
        yield from ("", "### Saat giliran Anda")
        for moment in one.moments:
            yield from ("", f"**{moment.status}**", "")
            for duty in moment.steps:
                yield from _duty(duty)
    if one.always:
        yield from ("", "### Di samping itu, bila diperlukan", "")
        for duty in one.always:
            yield from _duty(duty)
    if one.deadlines:
        yield from ("", "### Tenggat", "")
        yield from (f"- {name}{f': {limit}' if limit else ''}" for name, limit in one.deadlines)


def _duty(duty: Duty) -> Iterator[str]:
    leads = ", ".join(line.text for line in duty.leads)
    yield f"- **{duty.label}** → {leads}{f'. {duty.help}' if duty.help else ''}"
    for label, lines in (("Isian", duty.asks), ("Dokumen", duty.papers)):
        if lines:
            yield f"  - {label}: {'; '.join(_said(lines))}"
    for sentence in duty.bound:
        yield f"  - {sentence}"


def _said(lines: Iterable[Line]) -> Iterator[str]:
    """A star marks what is obligatory, as in the forms."""
    for line in lines:
        notes = f" ({'; '.join(line.notes)})" if line.notes else ""
        star = r"\*" if line.required else ""
        yield f"{line.text}{star}{notes}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSTANCE_PATH"] = folder
        app = create_app(settings_for(Path(folder)))
        FOLDER.mkdir(parents=True, exist_ok=True)
        with app.app_context():
            setup.prepare()
        with app.test_request_context():
            for role in roles():
                (FOLDER / file_of(role)).write_text(written(role), encoding="utf-8")


if __name__ == "__main__":
    main()
