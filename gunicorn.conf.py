"""gunicorn reads this by itself where it is started, and again on HUP; the settings are those of the environment
(``WEB_…``, docs/settings.md).

Nothing of ours is imported by name here: what this process had imported, its workers would keep through a reload.
"""

import fcntl
import importlib.util
import mmap
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from gunicorn.glogging import Logger

ROOT = Path(__file__).resolve().parent
NOT_READY = 3


sys.path.insert(0, str(ROOT))


def _module(name: str) -> ModuleType:
    before = set(sys.modules)
    spec = importlib.util.spec_from_file_location(f"tuntas_{name}", ROOT / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for imported in set(sys.modules) - before - {spec.name}:
        if Path(getattr(sys.modules[imported], "__file__", None) or "/").parent == ROOT:
            del sys.modules[imported]
    return module


_config, _logs, _worker = _module("config"), _module("logs"), _module("web_worker")
try:
    _settings, _wrong = _config.read(), ""
except _config.WrongSetting as error:
    # Nothing starts with it; until then gunicorn needs something to begin with.
    _settings, _wrong = _config.read({}), str(error)

globals().update(_settings["WEB_SERVER"])
worker_class = _worker.PatientWorker
loglevel = _settings["LOG_LEVEL"]
control_socket_disable = True
# Heartbeats of workers lie in memory: a slow disk is no reason to end one.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Which proxies are believed, the application decides alone (TRUSTED_PROXIES), so gunicorn believes none.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}

#: Which processes can serve, by their age; those that are forked from now on share it.
_ready = mmap.mmap(-1, mmap.PAGESIZE)
_metrics = Path(_settings["INSTANCE_PATH"]) / "metrics" if _config.tells_metrics(_settings) else None
if _metrics:
    # prometheus_client's own name for where the processes of one server put what they count.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)


class logger_class(Logger):
    """gunicorn's own lines, written as all others are."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(_logs.formatter(_settings["LOG_FORMAT"]))


def on_starting(server: object) -> None:
    """Tells each wrong setting, then each mistake in the SOPs, once, before there is a worker."""
    if _wrong:
        sys.stderr.write(f"{_wrong}\n")
        sys.exit(NOT_READY)
    read = subprocess.run([sys.executable, "-c", "import app.sop"], cwd=ROOT, check=False)
    if read.returncode:
        sys.exit(read.returncode)
    if _metrics:
        _metrics.mkdir(parents=True, exist_ok=True)
        for left in _metrics.glob("*.db"):
            left.unlink()


def post_worker_init(worker: object) -> None:
    _ready[worker.age % len(_ready)] = 1


def on_reload(server: object) -> None:
    """The old processes go once the new ones can serve, not before, so that nobody waits while those begin. gunicorn
    would let the old ones go as soon as it has forked; what it does then is put off by so long."""
    before, let_go = server.worker_age, server.manage_workers

    def let_go_once_ready() -> None:
        server.manage_workers = let_go
        until = time.monotonic() + server.cfg.graceful_timeout
        while not all(_ready[one.age % len(_ready)] for one in server.WORKERS.values() if one.age > before):
            if time.monotonic() > until:
                break
            time.sleep(0.1)
            server.reap_workers()  # one that can't begin ends the server, as ever
        let_go()

    server.manage_workers = let_go_once_ready


def child_exit(server: object, worker: object) -> None:
    """What a worker has counted outlives it, in one file for all that are gone: renewed workers would leave two files
    each. Whoever reads meanwhile (``app/web/metrics.py``) waits, so that nothing is seen twice or not at all."""
    left = [_metrics / f"{kind}_{worker.pid}.db" for kind in ("counter", "histogram")] if _metrics else []
    if not any(path.exists() for path in left):
        return
    from prometheus_client.mmap_dict import MmapedDict

    with (_metrics / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in filter(Path.exists, left):
            gone = MmapedDict(str(path.with_name(f"{path.name.partition('_')[0]}_gone.db")))
            for key, value, _moment, _place in MmapedDict.read_all_values_from_file(str(path)):
                gone.write_value(key, gone.read_value(key)[0] + value, 0.0)
            gone.close()
            path.unlink()
