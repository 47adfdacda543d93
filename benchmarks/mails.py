"""How many mails a minute go out: ``python -m benchmarks.mails [--mails N] [--database URL] [--workers N]``.

A real SMTP server in a process of its own takes them and throws them away. Beside the outbox, the same mails are handed
over by the channel alone, so the figures tell what leasing and writing down cost.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TEXT = "Yth. Bapak/Ibu\n\n" + "Pengaduan Anda telah kami terima dan sedang kami periksa. " * 8


def serve(port: int, ready: Any) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    ready.set()
    time.sleep(3600)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mails", type=int, default=1000)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--database", help="an empty PostgreSQL database, which stays filled")
    options = asked.parse_args()
    ready, port = multiprocessing.Event(), free_port()
    server = multiprocessing.Process(target=serve, args=(port, ready), daemon=True)
    server.start()
    ready.wait()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSTANCE_PATH"] = folder
        os.environ |= {"SMTP_URL": f"smtp://127.0.0.1:{port}", "MAIL_FROM": "Uji <uji@contoh.example>"}
        if options.database:
            os.environ["DATABASE_URL"] = options.database
        measure(options.mails, options.workers, Path(folder) / "surat.pdf")
    server.terminate()


def measure(mails: int, workers: int, letter: Path) -> None:
    from app import create_app
    from app.extensions import db
    from app.services.accounts import setup
    from app.services.core.database import write_transaction
    from app.services.notices import outbox

    app = create_app()
    letter.write_bytes(os.urandom(200 << 10))
    with app.app_context():
        setup.prepare()
        told("channel alone", mails, lambda: alone(mails))
        told("channel alone, 200 kB attached", mails // 5, lambda: alone(mails // 5, letter.read_bytes()))
        with write_transaction() as session:
            for number in range(mails):
                outbox.write(session, f"orang{number}@contoh.example", "Pengaduan Anda", TEXT)
        db.session.remove()
        db.engine.dispose()
    told(f"outbox, workers: {workers}", mails, lambda: together(app, workers))


def alone(mails: int, attached: bytes = b"") -> None:
    from app.services.notices.channels import email

    files = [email.Attachment("surat.pdf", "application/pdf", attached)] if attached else []
    with email.Connection() as connection:
        for number in range(mails):
            outcome = connection.deliver(
                email.Mail(f"orang{number}@contoh.example", "Pengaduan Anda", TEXT, f"<p>{TEXT}</p>",
                           f"<{number}@contoh.example>", datetime.now(UTC), attachments=files)
            )  # fmt: skip
            assert outcome.result == "sent", outcome


def together(app: Any, workers: int) -> None:
    running = [multiprocessing.get_context("fork").Process(target=work, args=(app,)) for _worker in range(workers)]
    for one in running:
        one.start()
    for one in running:
        one.join()


def work(app: Any) -> None:
    from app.services.notices import postman

    with app.app_context():
        while postman.send_due():
            pass


def told(what: str, mails: int, do: Any) -> None:
    began = time.perf_counter()
    do()
    took = time.perf_counter() - began
    print(f"{what}: {mails} mails in {took:.1f} s, {mails / took * 60:,.0f} a minute")


if __name__ == "__main__":
    main()
