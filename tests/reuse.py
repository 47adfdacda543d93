"""One app for many tests: building it takes longer than most tests do. Each gets it as if it were new."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app import create_app
from app.extensions import db


class Reused:
    """``lay`` lays a fresh database where the app's settings say."""

    def __init__(self, settings: Mapping[str, Any], lay: Callable[[], object]) -> None:
        self.folder, self.lay = Path(settings["INSTANCE_PATH"]), lay
        self.app = create_app(settings)
        self.config, self.extensions = dict(self.app.config), dict(self.app.extensions)

    def renew(self) -> None:
        """Nothing of the test before is left: rows, files, tasks, settings."""
        self.rest()
        for kept, now in ((self.config, self.app.config), (self.extensions, self.app.extensions)):
            now.clear()
            now.update(kept)
        queue = self.app.extensions["tuntas_queue"]
        queue.immediate = False
        queue.flush()
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        (self.folder / "checkpoints.jsonl").unlink(missing_ok=True)
        self.lay()

    def rest(self) -> None:
        """No connection is open."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
