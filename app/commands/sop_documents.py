"""Commands on the documents of SOPs: check, show, compare, begin one."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from app.services.core.wording import describe_mistake
from app.sop import LOADED, SOPS
from app.sop.documents import load_file
from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document import comparing, toml, writing
from app.workflow.document.vocabulary import json_schema
from app.workflow.mistakes import Mistake
from app.workflow.texts import LANGUAGES
from config import sop_folders

EXAMPLE = Path(comparing.__file__).with_name("example.toml")
KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@with_appcontext
def check(files: tuple[Path, ...]) -> None:
    """Checks documents, each mistake on a line of its own; exits with 1 when there are any. Without FILES it says what
    runs, and with SOP_LENIENT=1 what was left out: otherwise whatever is wrong has stopped the start already."""
    wrong = False
    for file in files:
        try:
            click.echo(f"{file}: {_summary(load_file(file, SOPS.values()))}")
        except WrongDeclaration as error:
            _tell(error.mistakes)
            wrong = True
    if not files:
        for sop in SOPS.values():
            click.echo(f"{sop.key}: {_summary(sop)}")
        _tell(LOADED.broken)
        wrong = bool(LOADED.broken)
    sys.exit(1 if wrong else 0)


def _tell(mistakes: Iterable[Mistake]) -> None:
    for mistake in mistakes:
        click.echo(describe_mistake(mistake), err=True)


def _summary(sop: Sop) -> str:
    said: str = _(
        "no mistakes. Revision %(revision)s; states: %(states)s, steps: %(steps)s, fields: %(fields)s, kinds of "
        "documents: %(documents)s",
        revision=sop.revision, states=len(sop.states), steps=len(sop.transitions), fields=len(sop.fields),
        documents=len(sop.documents),
    )  # fmt: skip
    return said


@click.command("show")
@click.argument("which", metavar="KEY|FILE")
@with_appcontext
def show(which: str) -> None:
    """Writes an SOP as a document, nothing in it that goes without saying."""
    click.echo(toml.to_toml(writing.as_document(_sop(which))), nl=False)


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@with_appcontext
def diff(old: str, new: str) -> None:
    """Says what differs between two SOPs, each a key or a file; exits with 1 when anything does."""
    found = comparing.differences(writing.as_document(_sop(old)), writing.as_document(_sop(new)))
    for one in found:
        if one.before is None:
            click.echo(f"+ {one.path} = {_short(one.after)}")
        elif one.after is None:
            click.echo(f"- {one.path} = {_short(one.before)}")
        else:
            click.echo(f"  {one.path}: {_short(one.before)} -> {_short(one.after)}")
    sys.exit(1 if found else 0)


def _short(value: Any) -> str:
    return toml.written(value)


def _sop(which: str) -> Sop:
    """The SOP of a key or of a file; says what is wrong and exits with 1 where there is none."""
    if which in SOPS:
        return SOPS[which]
    if not Path(which).is_file():
        click.echo(_("“%(which)s” is neither an SOP that runs here (%(known)s) nor a file.",
                     which=which, known=", ".join(SOPS)), err=True)  # fmt: skip
        sys.exit(1)
    try:
        return load_file(Path(which), SOPS.values())
    except WrongDeclaration as error:
        _tell(error.mistakes)
        sys.exit(1)


@click.command("new")
@click.argument("key")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="default: the first of SOP_PATH")
@click.option("--language", type=click.Choice(LANGUAGES), help="of its comments; default: the deployment's")
@with_appcontext
def new(key: str, folder: Path | None, language: str | None) -> None:
    """Writes a commented example for an SOP of this key, which starts as it is."""
    target = (folder or sop_folders()[0]) / key / "sop.toml"
    text = example(key, language or current_app.config["BABEL_DEFAULT_LOCALE"])
    if reason := _refusal(key, target, text):
        click.echo(reason, err=True)
        sys.exit(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    click.echo(_("%(file)s is written. Change it, then: %(command)s",
                 file=target, command=f"flask --app run sop check {target}"))  # fmt: skip


def _refusal(key: str, target: Path, text: str) -> str | None:
    """Why no example of this key is written: each that is written starts as it is."""
    if not KEY.fullmatch(key):
        return str(
            _("The key “%(key)s” must begin with a small letter and have at most 31 of a-z, 0-9 and _.", key=key)
        )
    if key in SOPS:
        return str(_("“%(key)s” is an SOP already.", key=key))
    if target.exists():
        return str(_("%(file)s is there already.", file=target))
    with TemporaryDirectory() as folder:
        tried = Path(folder) / "sop.toml"
        tried.write_text(text, encoding="utf-8")
        try:
            load_file(tried, SOPS.values())
        except WrongDeclaration as wrong:
            return "\n".join(f"{key}: {mistake.message % mistake.values}" for mistake in wrong.mistakes)
    return None


def example(key: str, language: str) -> str:
    """The example, with the comments of one language."""
    lines = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        spoken = re.match(r"#([a-z]{2}) ", line)
        if spoken is None or spoken[1] == language:
            lines.append("#" + line[3:] if spoken else line)
    text = "\n".join(lines) + "\n"
    name, prefix = key.replace("_", " ").capitalize(), key.replace("_", "").upper()[:10]
    return text.replace("PREFIX", prefix).replace("NAME", name).replace("KEY-01", f"{prefix}-01").replace("KEY", key)


@click.command("schema")
def schema() -> None:
    """Writes the format as JSON Schema, for editors."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


COMMANDS = (check, show, diff, new, schema)
