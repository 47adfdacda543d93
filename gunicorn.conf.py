"""gunicorn reads this by itself where it is started. Which proxies are believed, the application decides alone
(TRUSTED_PROXIES), so gunicorn believes none."""

import subprocess
import sys
from pathlib import Path

forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: object) -> None:
    """Reads the SOPs before there is a worker, so that each mistake in them is told once. In a process of its own: what
    this one had imported, its workers would keep through a reload."""
    read = subprocess.run([sys.executable, "-c", "import app.sop"], cwd=Path(__file__).parent, check=False)
    if read.returncode:
        sys.exit(read.returncode)
