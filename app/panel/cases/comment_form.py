"""What somebody has typed into the box for comments, as it is shown again after a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.services.core.errors import FieldError, Refused

#: Who reads it: everybody who sees the case, or the roles that are ticked.
EVERYBODY, SOME = "all", "roles"
#: The inputs, by what a refusal calls them.
BESIDE = {"text": "text", "to": "to"}
FILES = "files"


@dataclass
class CommentForm:
    """``errors``: sentences by input."""

    text: str = ""
    audience: str = EVERYBODY
    roles: frozenset[str] = frozenset()
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, typed: MultiDict[str, str]) -> CommentForm:
        audience = SOME if typed.get("audience") == SOME else EVERYBODY
        return cls(typed.get("text", ""), audience, frozenset(typed.getlist("to")))

    @property
    def readers(self) -> list[str] | None:
        return sorted(self.roles) if self.audience == SOME else None

    def contradiction(self) -> FieldError | None:
        """Roles are ticked, and yet everybody would read it: better asked than told to everybody."""
        if self.audience == SOME or not self.roles:
            return None
        return FieldError(
            "invalid", "to", _("Roles are ticked, but everyone would read it. Please choose one of both.")
        )

    def show(self, refusal: Refused, files: bool) -> None:
        """Puts the sentences of a refusal beside what they are about. ``files``: some had been chosen."""
        for error in refusal.field_errors or (FieldError("invalid", "text", refusal.message),):
            self.errors.setdefault(BESIDE.get(error.key, FILES), []).append(error.message)
        if files:
            again = _("Please choose the files again; a browser does not keep them.")
            self.errors.setdefault(FILES, []).append(again)
