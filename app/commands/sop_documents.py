"""Commands on the documents of SOPs: check, show, compare, begin one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app

from app.sop import SOPS
from app.sop.documents import load_file
from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document import comparing, toml, writing
from app.workflow.document.vocabulary import json_schema
from app.workflow.texts import LANGUAGES
from config import sop_folders

EXAMPLE = Path(comparing.__file__).with_name("example.toml")
KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Checks documents, each mistake on a line of its own; exits with 1 when there are any. Without FILES it says what
    runs: whatever is wrong has stopped the start already."""
    wrong = False
    for file in files:
        try:
            click.echo(f"{file}: {_summary(load_file(file, SOPS.values()))}")
        except WrongDeclaration as error:
            click.echo(str(error), err=True)
            wrong = True
    for sop in SOPS.values() if not files else ():
        click.echo(f"{sop.key}: {_summary(sop)}")
    sys.exit(1 if wrong else 0)


def _summary(sop: Sop) -> str:
    return (
        f"revision {sop.revision}, {len(sop.states)} states, {len(sop.transitions)} steps, {len(sop.fields)} fields, "
        f"{len(sop.documents)} kinds of documents: no mistakes"
    )


@click.command("show")
@click.argument("which", metavar="KEY|FILE")
def show(which: str) -> None:
    """Writes an SOP as a document, nothing in it that goes without saying."""
    click.echo(toml.to_toml(writing.as_document(_sop(which))), nl=False)


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
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
        click.echo(f"{which}: neither an SOP that runs here ({', '.join(SOPS)}) nor a file", err=True)
        sys.exit(1)
    try:
        return load_file(Path(which), SOPS.values())
    except WrongDeclaration as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@click.command("new")
@click.argument("key")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="default: the first of SOP_PATH")
@click.option("--language", type=click.Choice(LANGUAGES), help="of its comments; default: the deployment's")
def new(key: str, folder: Path | None, language: str | None) -> None:
    """Writes a commented example for an SOP of this key, which starts as it is."""
    target = (folder or sop_folders()[0]) / key / "sop.toml"
    if not KEY.fullmatch(key) or key in SOPS:
        reason = "is an SOP already" if key in SOPS else "must be of small letters, digits and _"
        click.echo(f"{key}: {reason}", err=True)
        sys.exit(1)
    if target.exists():
        click.echo(f"{target} is there already", err=True)
        sys.exit(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(example(key, language or current_app.config["BABEL_DEFAULT_LOCALE"]), encoding="utf-8")
    click.echo(f"{target} is written. Change it, then: flask --app run sop check {target}")


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
