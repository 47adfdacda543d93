"""What several SOPs share besides their documents."""

from __future__ import annotations

#: Reads and exports everything of every SOP; changes nothing except where an SOP names it.
SUPERVISOR = "Supervisor"
