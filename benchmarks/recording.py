"""How much memory and time the largest recording costs: ``python -m benchmarks.recording [MB]``.

A real server takes it in by a form and plays parts of it back; the figures are those of its process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 1 << 20
FRAME = b"\xff\xfb\x14\xc0" + bytes(92)
REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa", "requester_contact": "1",
    "customer_number": "122345678901", "complaint_date": "2026-11-17", "criterion": "impolite_agent", "complaint": "x",
}  # fmt: skip


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 199
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "rekaman.mp3"
        write(recording, size * MB)
        os.environ["INSTANCE_PATH"] = folder + "/instance"
        measure(recording)


def write(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b"ID3\x03\x00\x00\x00\x00\x00\x00")
        block = FRAME * 8192
        for _block in range(size // len(block)):
            file.write(block)


def measure(recording: Path) -> None:
    from waitress.server import create_server

    from app import create_app
    from app.services.accounts import setup

    app = create_app({"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False})
    with app.app_context():
        setup.prepare()
        security = app.appbuilder.sm
        roles = [security.find_role(name) for name in ("SPV", "QCO")]
        security.add_user("both", "Uji", "Coba", "uji@contoh.example", roles, "tuntas-demo")
    server: Any = create_server(app, host="127.0.0.1", port=0, max_request_body_size=app.config["MAX_CONTENT_LENGTH"])
    threading.Thread(target=server.run, daemon=True).start()
    api = f"http://127.0.0.1:{server.effective_port}/api/v1"
    token = field(curl("-d", '{"username": "both", "password": "tuntas-demo", "provider": "db"}',
                       "-H", "Content-Type: application/json", f"{api}/security/login"), "access_token")  # fmt: skip
    bearer = ("-H", f"Authorization: Bearer {token}")
    form = [part for key, value in REQUEST.items() for part in ("-F", f"{key}={value}")]
    case = f"{api}/hard_complaint/{field(curl(*bearer, *form, f'{api}/hard_complaint/'), 'id')}"
    answers = ("-F", "call_at=2026-11-16 10:15", "-F", "agent=A", "-F", f"voice_recording=@{recording}")
    before = peak()
    timed("upload", lambda: curl(*bearer, *answers, f"{case}/actions/attach_recording"))
    content = f"{case}/documents/voice_recording/content"
    middle = recording.stat().st_size // 2
    timed("1 MB from the middle", lambda: curl(*bearer, "-r", f"{middle}-{middle + MB}", "-o", "/dev/null", content))
    timed("all of it", lambda: curl(*bearer, "-o", "/dev/null", content))
    print(f"{recording.stat().st_size / MB:.0f} MB; peak memory {before} MB before, {peak()} MB after")


def timed(what: str, do: Callable[[], str]) -> None:
    start = time.perf_counter()
    do()
    print(f"{what}: {time.perf_counter() - start:.2f} s, peak memory {peak()} MB")


def peak() -> int:
    """The largest memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def curl(*arguments: str) -> str:
    done = subprocess.run(["curl", "-sSf", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def field(answer: str, key: str) -> Any:
    return json.loads(answer)[key]


if __name__ == "__main__":
    main()
