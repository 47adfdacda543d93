"""Takes over the reports of APKT: first what would happen, then, if it is wanted, it happens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Link, Posko, Unit
from app.services import clock, creation, numbering
from app.services.access import SYSTEM
from app.services.apkt_file import Bad, Entry, entries
from app.services.database import write_transaction
from app.services.search_index import engine_of
