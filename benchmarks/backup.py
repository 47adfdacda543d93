"""What a backup costs: ``python -m benchmarks.backup [--cases N] [--files MB] [--database URL]``.

Fills an empty instance (SQLite in a folder of its own, or ``--database``) with the demo and with files that do not
compress, takes, checks and restores an archive, each in a process of its own. Told are seconds, MB/s, rows/s and peak
memory, and the time beside that of copying the same files as they are: ratios within one run tell more than seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 1 << 20
#: Bytes of a file: a photo of a phone.
PHOTO = 2 * MB
PASSPHRASE = "benchmark"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=5_000, help="beside those of the small demo")
    options.add_argument("--files", type=int, default=200, help="MB of files")
    options.add_argument("--database", help="PostgreSQL, empty; the archive is restored into SQLite")
    options.add_argument("--step", help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        print(json.dumps(STEPS[chosen.step](chosen)))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(chosen, Path(folder))


def compare(chosen: argparse.Namespace, folder: Path) -> None:
    filled = in_process(chosen, folder, "fill")
    size = filled["bytes"] / MB
    copied = copying(folder)
    print(f"{filled['rows']} rows, {size:.0f} MB of files; copying those alone takes {copied:.1f} s")
    for step, label in (
        ("plain", "backup"), ("locked", "backup, encrypted"), ("verify", "verify-backup"), ("restore", "restore"),
    ):  # fmt: skip
        done = in_process(chosen, folder, step)
        print(
            f"{label:>18}: {done['seconds']:6.1f} s ({done['processor']:.1f} s of a processor, "
            f"{done['mb'] / done['processor']:.0f} MB/s of it), {done['mb'] / done['seconds']:6.0f} MB/s, "
            f"{filled['rows'] / done['seconds']:8.0f} rows/s, {done['seconds'] / copied:5.1f} × copying, "
            f"peak memory {done['peak']} MB"
        )


def in_process(chosen: argparse.Namespace, folder: Path, step: str) -> dict[str, Any]:
    """A step in a process of its own, whose memory is its own as well."""
    arguments = ["--step", step, "--folder", str(folder), "--cases", str(chosen.cases), "--files", str(chosen.files)]
    restored = step == "restore"
    environment = os.environ | {"INSTANCE_PATH": str(folder / ("restored" if restored else "instance"))}
    environment |= {"DATABASE_URL": chosen.database} if chosen.database and not restored else {}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.backup", *arguments], env=environment, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def fill(chosen: argparse.Namespace) -> dict[str, Any]:
    from sqlalchemy import func, select

    from app.demo import whole
    from app.extensions import db
    from app.models import Document
    from app.services.backup import rows
    from app.services.documents import storage

    with application().app_context():
        whole.fill(chosen.cases, 2026, lambda said: None)
        keys = db.session.scalars(select(Document.storage_key)).all()
        drawn = random.Random(1)
        for turn in range(chosen.files * MB // PHOTO):
            storage.put(keys[turn] if turn < len(keys) else f"exports/{turn}", drawn.randbytes(PHOTO))
        _name_the_rest(chosen, len(keys))
        with db.engine.connect() as connection:
            count = sum(rows.count(connection, table) for table in rows.tables(connection))
        assert db.session.scalar(select(func.count(Document.id)))
        size = sum(storage.size(key) for key in storage.every_key())
        return {"rows": count, "bytes": size}


def _name_the_rest(chosen: argparse.Namespace, documents: int) -> None:
    """Documents as they are written, and exports that name the files beyond them."""
    import hashlib

    from app.extensions import db
    from app.models import Document
    from app.models.working_day import Export
    from app.services.core import clock
    from app.services.core.database import write_transaction
    from app.services.documents import storage

    with write_transaction() as session:
        for document in session.query(Document):
            size, content = storage.whole(document.storage_key)
            document.size, document.sha256 = size, hashlib.sha256(b"".join(content)).hexdigest()
        for turn in range(documents, chosen.files * MB // PHOTO):
            session.add(Export(what="x", form="csv", asked={}, masked=False, state="done", at=clock.now(),
                               storage_key=f"exports/{turn}", filename="x.csv", user_name="x"))  # fmt: skip
    db.session.remove()


def copying(folder: Path) -> float:
    began = time.perf_counter()
    shutil.copytree(folder / "instance" / "files", folder / "copied")
    return time.perf_counter() - began


def measured(archive: Path, work: Callable[[], object]) -> dict[str, Any]:
    began, worked = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": seconds, "processor": processor, "mb": archive.stat().st_size / MB, "peak": peak}


def command(archive: Path, *arguments: str) -> dict[str, Any]:
    """A command as it is typed, without the start of the process."""
    app = application()

    def run() -> None:
        done = app.test_cli_runner().invoke(args=list(arguments))
        if done.exit_code:
            raise SystemExit(done.output)

    return measured(archive, run)


def plain(chosen: argparse.Namespace) -> dict[str, Any]:
    return command(chosen.folder / "plain.tar", "backup", str(chosen.folder / "plain.tar"))


def locked(chosen: argparse.Namespace) -> dict[str, Any]:
    written = chosen.folder / "passphrase"
    written.write_text(PASSPHRASE)
    archive = chosen.folder / "locked.sealed"
    return command(archive, "backup", str(archive), "--passphrase-file", str(written))


def verify(chosen: argparse.Namespace) -> dict[str, Any]:
    return command(chosen.folder / "plain.tar", "verify-backup", str(chosen.folder / "plain.tar"))


def restore(chosen: argparse.Namespace) -> dict[str, Any]:
    return command(chosen.folder / "plain.tar", "restore", str(chosen.folder / "plain.tar"), "--older")


def application() -> Any:
    from app import create_app

    return create_app({"RATELIMIT_ENABLED": False})


STEPS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "fill": fill, "plain": plain, "locked": locked, "verify": verify, "restore": restore,
}  # fmt: skip


if __name__ == "__main__":
    main()
