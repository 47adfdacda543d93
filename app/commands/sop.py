"""``flask --app run sop …``: what is done with the procedures themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext

from app.services.cases import revisions
from app.services.cases.revisions import Group, Plan
from app.services.core.errors import Malformed, Refused

sop = AppGroup("sop", help="What is done with the procedures themselves.")
NUMBER = click.IntRange(min=0)


@sop.command("move-cases")
@click.argument("key")
@click.option("--from", "source", type=NUMBER, help="only cases under this revision; default: under every other one")
@click.option("--to", type=NUMBER, help="the revision to which they go; default: the one in effect today")
@click.option("--map", "mapped", multiple=True, metavar="OLD=NEW", help="where the cases of a state that is gone go")
@click.option("--reason", default="", help="the note in the history of each case")
@click.option("--yes", "wanted", is_flag=True, help="move; without it only what would happen is told")
def move_cases(
    key: str, source: int | None, to: int | None, mapped: tuple[str, ...], reason: str, wanted: bool
) -> None:  # fmt: skip
    """Moves the open cases of the SOP KEY to another revision of it; closed ones stay."""
    try:
        plan = revisions.plan(key, source, to, _mapping(mapped))
        _tell(plan)
        if wanted:
            moved = revisions.move(plan, reason.strip())
            click.echo(ngettext("%(num)s case moved.", "%(num)s cases moved.", moved))
        else:
            click.echo(_("Nothing was changed. With --yes they are moved."))
    except Refused as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)


def _mapping(mapped: Iterable[str]) -> dict[str, str]:
    """Raises ``Malformed``."""
    pairs = [one.partition("=") for one in mapped]
    for old, equals, new in pairs:
        if not (old and equals and new):
            raise Malformed(_("Write --map OLD=NEW, not “%(written)s”.", written=f"{old}{equals}{new}"))
    return {old.strip(): new.strip() for old, _equals, new in pairs}


def _tell(plan: Plan) -> None:
    """How many cases there are by revision and state, where each would go, and what is lacking for it."""
    number, label = plan.target.revision, plan.target.label
    if not plan.groups:
        click.echo(_("%(sop)s: there is no open case to be moved to revision %(revision)s.",
                     sop=label, revision=number))  # fmt: skip
        return
    click.echo(_("%(sop)s: to revision %(revision)s", sop=label, revision=number))
    for group in plan.groups:
        click.echo(f"  {_line(plan, group)}")


def _line(plan: Plan, group: Group) -> str:
    state = plan.target.state(group.state).label
    cases = ngettext("%(num)s case", "%(num)s cases", group.cases)
    come_from = _("revision %(revision)s, “%(state)s” (%(key)s)", revision=group.revision, state=state, key=group.state)
    if group.goes_to is None:
        return f"{come_from}: {cases}. {revisions.lacking_sentence(plan, group.state)}"
    after = plan.target.state(group.goes_to).label
    return f"{come_from}: {cases} → “{after}” ({group.goes_to})"
