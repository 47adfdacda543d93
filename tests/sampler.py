"""An SOP of the tests alone: a field of every type, rows of both kinds, a tick that must be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from app.extensions import db
from app.models import Case, Staff
from app.services.accounts import sop_tables
from app.workflow.declaration import Choice, Field, Records, Sop, State, Transition
from tests.beside import beside

KEY = "sampler"
ROLE = "CS"
AB = (Choice("a", "A"), Choice("b", "B"))
FIELDS = (
    Field("subject", "Subject"),
    Field("words", "Words", "longtext"),
    Field("number_of", "Number", "integer"),
    Field("amount", "Amount", "money"),
    Field("day", "Day", "date"),
    Field("moment", "Moment", "datetime"),
    Field("tick", "Tick", "boolean"),
    Field("pick", "Pick", "choice", choices=AB),
    Field("person", "Person", "reference", reference="staff"),
    Field("several", "Several", "list", choices=AB),
)
COLUMNS = (Field("what", "What", required=True), Field("how_many", "How many", "integer"))
LINES = Records("mended", "Mended lines", COLUMNS)
MORE = Records("added", "Added lines", COLUMNS)
ATTESTED = Field("attested", "Attested", "boolean", True)
SAMPLER = Sop(
    key=KEY,
    label="Sample",
    label_plural="Samples",
    number="SMP-{seq:05}",
    roles=(ROLE,),
    states=(State("open", "Open"), State("closed", "Closed", kind="final")),
    transitions=(
        Transition("begin", "Begin", (), "open", (ROLE,), fields=FIELDS),
        Transition("amend", "Amend", ("open",), None, (ROLE,),
                   fields=(*FIELDS, Field(LINES.key, LINES.label, "list", columns=COLUMNS))),
        Transition("add", "Add", ("open",), None, (ROLE,), fields=COLUMNS, records=MORE.key),
        Transition("attest", "Attest", ("open",), None, (ROLE,),
                   fields=(ATTESTED, Field("remark", "Remark", required=True))),
        Transition("finish", "Finish", ("open",), "closed", (ROLE,)),
    ),
    records=(LINES, MORE),
    reporter=None,
    assignee="person",
    assignee_roles=(ROLE,),
)  # fmt: skip
#: Per field: as it is typed, and as the API tells it.
TYPED: dict[str, tuple[object, object]] = {
    "subject": ("Judul", "Judul"),
    "words": ("Baris satu\nbaris dua", "Baris satu\nbaris dua"),
    "number_of": ("0", 0),
    "amount": ("1.250.000", 1_250_000),
    "day": ("2026-11-23", "2026-11-23"),
    "moment": ("2026-11-23T14:05", "2026-11-23T07:05:00+00:00"),
    "tick": ("y", True),
    "pick": ("b", "b"),
    "person": ("budi", "budi"),
    "several": (["a", "b"], ["a", "b"]),
}


@contextmanager
def sampler(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application with this SOP beside its own, and one person to refer to."""
    with beside(SAMPLER):
        app = make_app()
        with app.app_context():
            sop_tables.follow()
            db.session.add(Staff(code="budi", name="Budi", active=True))
            db.session.commit()
        yield app


def stored(app: Flask) -> Case:
    """The one case there is, loaded anew."""
    db.session.expire_all()
    return db.session.query(Case).filter_by(sop=KEY).one()
