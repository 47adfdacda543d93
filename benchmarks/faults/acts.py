"""What is being done when a process is killed: each act is a piece of real work, through the services."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.demo import papers
from app.extensions import db
from app.models import Export
from app.services.backup import copies
from app.services.backup.rotation import Keep
from app.services.backup.sealing import Keys
from app.services.cases import bulk, transitions
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.documents import documents
from app.services.imports import customers, engine
from app.services.mail.taking_in import take_in
from app.services.notices import outbox, postman
from app.services.reports import jobs, reports_of
from app.services.reports.parts import ReportParams
from app.sop import SOPS, own_parts
from benchmarks.faults.house import POSKO, House

REPORT = {
    "name": "Siti Rahma", "address": "Jl. Mawar 1", "posko": POSKO, "phone": "0812-3456-7890",
    "description": "Lampu padam sejak pagi", "channel": "cc_123", "customer_id": "541100223344",
}  # fmt: skip
LETTER = {
    "letter_number": "30/SOM/I/2026", "letter_date": "2026-01-05", "received_date": "2026-01-06",
    "sender": "Kantor Hukum", "customer_name": "Siti Rahma", "subject": "Paket hilang",
}  # fmt: skip
FROM_CS = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "mom")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
#: Cases of a bulk step, rows of an import, mails of a round.
MANY, ROWS, MAILS = 8, 600, 6
APKT_HEADINGS = "No Lapor,Status,Tanggal Buat,Nama,Deskripsi,Posko,No Telepon"


def _report(house: House) -> int:
    return int(transitions.create(house.actor("cso"), "keluhan", REPORT).id)


def transition(house: House, chance: random.Random) -> None:
    """A complaint from its report to its end."""
    pk, unit = _report(house), house.actor("unit")
    transitions.perform(unit, "keluhan", pk, "start", {})
    transitions.perform(unit, "keluhan", pk, "resolve", {"cause": "Sekring", "action_taken": "Ganti"})


def upload(house: House, chance: random.Random) -> None:
    """A step with a file, files beside the steps, a step with all that was left."""
    legal, cs, sop = house.actor("legal"), house.actor("cs"), SOPS["somasi"]

    def paper(kind: str) -> documents.Upload:
        return papers.paper(sop.document_by_key[kind], chance.randrange(1, 10**9))

    pk = int(transitions.create(legal, sop.key, LETTER, {"somasi": [paper("somasi")]}).id)
    for kind in FROM_CS[:3]:
        documents.upload(cs, sop.key, pk, kind, paper(kind))
    transitions.perform(cs, sop.key, pk, "submit_documents", {"offered_compensation": 500_000},
                        {kind: [paper(kind)] for kind in FROM_CS[3:]})  # fmt: skip


def bulk_step(house: House, chance: random.Random) -> None:
    """Crews of one unit begin with many complaints at once."""
    ids = [_report(house) for _one in range(MANY)]
    bulk.perform(house.actor("unit"), "keluhan", "start", ids, bulk.Answers())


def mutation(house: House, chance: random.Random) -> None:
    """A complaint goes on as an outage with a number G99."""
    pk = _report(house)
    transitions.perform(house.actor("unit"), "keluhan", pk, "mutate_to_gangguan", {"mutation_reason": "urgent"})


def mail_out(house: House, chance: random.Random) -> None:
    """Mails are written and sent. A worker that was killed holds a lease, so this one lives later."""
    with write_transaction() as session:
        for _one in range(MAILS):
            outbox.write(session, f"orang{chance.randrange(10**9)}@example.test", "Kabar", "Halo")
    later = timedelta(seconds=chance.randrange(10**7))
    with clock.at(clock.now() + postman.LEASE_TIME + later):
        postman.send_due()


def mail_in(house: House, chance: random.Random) -> None:
    """Mails with attachments open complaints."""
    [mailbox] = current_app.config["MAILBOXES"]
    for _one in range(MAILS):
        take_in(mailbox, mail(f"{chance.randrange(10**12)}"))


def mail(key: str) -> bytes:
    """One that opens a complaint, with a file."""
    written = EmailMessage(policy=policy.SMTP)
    written["From"], written["To"] = f"Budi <{key}@pelanggan.example>", "layanan@contoh.example"
    written["Subject"], written["Message-ID"] = f"Tagihan {key}", f"<{key}@pelanggan.example>"
    written["Date"] = "Wed, 18 Nov 2026 09:12:00 +0700"
    written.set_content("Ditarik dua kali.")
    written.add_attachment(PDF + key.encode(), maintype="application", subtype="pdf", filename="bukti.pdf")
    return written.as_bytes()


def backup(house: House, chance: random.Random) -> None:
    """An archive into a folder, of which three are kept."""
    copies.write(f"{archives(house)}/", Keys(), Keep(monthly=1), False, unseen)


@contextmanager
def unseen(label: str, length: int) -> Iterator[Callable[[int], object]]:
    """Nobody watches how far it is."""
    yield lambda count: None


def archives(house: House) -> Path:
    folder = house.folder / "archives"
    folder.mkdir(exist_ok=True)
    return folder


def export(house: House, chance: random.Random) -> None:
    """A report that is made in the background."""
    admin = house.actor("admin")
    known = [one for one in reports_of(admin) if one.key == "cases"] or reports_of(admin)[:1]
    pk = jobs.order(admin, known[0], ReportParams(sop="keluhan"))
    db.session.rollback()
    jobs.make(pk)
    state = db.session.scalar(select(Export.state).where(Export.id == pk))
    if state not in ("done", "running", "queued"):
        raise AssertionError(f"an export ended as {state}")


def import_customers(house: House, chance: random.Random) -> None:
    """A table of customers, in batches."""
    path = house.folder / f"customers-{chance.randrange(10**9)}.csv"
    first = chance.randrange(10**8)
    lines = [f"ORD-{first + n},Nama {n},0812{first + n:08}" for n in range(ROWS)]
    path.write_text("Order ID,Nama,Telepon\n" + "\n".join(lines) + "\n")
    customers.take_over(path)
    path.unlink()


def import_cases(house: House, chance: random.Random) -> None:
    """The table of another program: complaints and outages, some of them pairs."""
    [source] = [one.IMPORT for one in own_parts("import_file")]
    path = house.folder / f"apkt-{chance.randrange(10**9)}.csv"
    day, code = f"{chance.randrange(15, 25):02}{chance.randrange(1, 13):02}{chance.randrange(1, 28):02}", "77"
    lines = []
    for n in range(1, 40):
        complaint = f"K{code}{day}{n:05}"
        lines.append(f"{complaint},Batal,20{day[:2]}-{day[2:4]}-{day[4:]} 08:00,Nama {n},Padam,{POSKO},0812{n:08}")
        lines.append(f"G99{day}{n:05},Lapor,20{day[:2]}-{day[2:4]}-{day[4:]} 09:00,Nama {n},"
                     f"MUTASI K : {complaint} : Padam,{POSKO},0812{n:08}")  # fmt: skip
    path.write_text(APKT_HEADINGS + "\n" + "\n".join(lines) + "\n")
    engine.take_over(source, path)
    path.unlink()


def tidy(house: House) -> None:
    """What the killed have left beside: half written tables, and archives that no longer matter."""
    for left in (*house.folder.glob("customers-*.csv"), *house.folder.glob("apkt-*.csv")):
        left.unlink()
    shutil.rmtree(archives(house))


ACTS: dict[str, Callable[[House, random.Random], Any]] = {
    "transition": transition,
    "upload": upload,
    "bulk step": bulk_step,
    "mutation": mutation,
    "mail out": mail_out,
    "mail in": mail_in,
    "backup": backup,
    "export": export,
    "import of customers": import_customers,
    "import of cases": import_cases,
}
