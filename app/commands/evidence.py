"""Commands about evidence: verify, export for an auditor, make a checkpoint, tell the public key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.services.evidence import checking as service
from app.services.evidence import checkpoints, handing, keys
from app.services.evidence.verifier import read_key, told


@click.command("verify")
@click.option("--checkpoints", "anchor", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="the file of an anchor; default: the setting's")  # fmt: skip
@click.option("--key", "earlier", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="a public key that signed earlier checkpoints")  # fmt: skip
@with_appcontext
def verify(anchor: Path | None, earlier: tuple[Path, ...]) -> None:
    """Holds every case, its history and the audit log against the signed checkpoints; exits with 1 when something was
    tampered with, with 2 when that can't be told."""
    try:
        judgement = service.verify(anchor, [read_key(path.read_text()) for path in earlier])
        stamps = list(service.stamps())
    except (keys.NoKey, OSError, ValueError) as error:
        click.echo(f"It can't be told: {error}", err=True)
        sys.exit(2)
    broken = [f"the time stamp of checkpoint {one.number} does not hold: {one.error}" for one in stamps if not one.at]
    *findings, summary = told(judgement)
    for sentence in [*findings, *broken]:
        click.echo(sentence, err=True)
    click.echo(summary)
    if newest := [one for one in stamps if one.at]:
        click.echo(f"checkpoint {newest[-1].number} was stamped at {newest[-1].at:%Y-%m-%dT%H:%M:%SZ}")
    sys.exit(1 if findings or broken else 0)


@click.command("evidence-export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def export(target: Path) -> None:
    """Writes what the stand-alone verifier reads (JSON lines): all cases with their histories, so keep it safe."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        click.echo(f"{target} can't be written: {error.strerror}", err=True)
        sys.exit(1)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        click.echo(f"{service.export(file)} lines written to {target}")


@click.command("checkpoint")
@with_appcontext
def checkpoint() -> None:
    """Makes a checkpoint of all that has changed and hands it to the anchors, as the worker does every few minutes."""
    try:
        entries = checkpoints.complete()
    except keys.NoKey as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    handed = handing.hand_over_all()
    click.echo(f"{entries} entries signed, {handed} checkpoints handed over")
    for state in handing.states():
        if state.error:
            click.echo(f"{state.name}: {state.error}", err=True)


@click.command("checkpoint-key")
@with_appcontext
def checkpoint_key() -> None:
    """Tells the public key that an auditor needs."""
    try:
        click.echo(keys.pem(keys.signer().public), nl=False)
    except keys.NoKey as error:
        click.echo(str(error), err=True)
        sys.exit(1)


#: As it was called before there were checkpoints.
verify_history = click.Command(
    "verify-history", callback=verify.callback, params=verify.params, help="The older name of verify."
)
COMMANDS = (verify, verify_history, export, checkpoint, checkpoint_key)
