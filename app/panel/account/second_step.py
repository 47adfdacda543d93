"""The second step of signing in: nobody is signed in before it; and signing in by a passkey alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Response, abort, current_app, flash, g, make_response, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address

from app.extensions import db
from app.models import User
from app.models.second_factor import PASSKEY
from app.panel.account import challenges
from app.panel.account.arrival import arrived
from app.services.accounts import entrance
from app.services.accounts.factors import checking, enrolled, passkeys
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import TooMany
from app.web.hardening import locks_by_itself
from app.web.pages import Access
from app.web.signing_in import HOME, page_within

#: How long the right password counts without the second step.
VALID = timedelta(minutes=5)
#: In the session: whose second step is awaited, at which epoch, until when (seconds since 1970), and the page wanted.
PENDING = "second_step"
#: In the session: what was wrong with what was sent last.
WRONG = "second_step_wrong"
#: For what a challenge is asked: as the second step, or instead of the password.
STEP, ALONE = "step", "alone"
AGAIN = _l("Please sign in again: the second step has to follow within five minutes.")
UNKNOWN = _l("This passkey is not known here. Sign in with your password instead.")


class Pending(NamedTuple):
    """Somebody who knows the password."""

    user: Any
    wanted: str


def begin(user: Any, wanted: str) -> Any:
    """The way to the second step, for a user who has shown the right password."""
    until = int((clock.now() + VALID).timestamp())
    session[PENDING] = [user.id, user.session_epoch, until, wanted]
    return redirect(url_for("SecondStepView.step"))


def pending() -> Pending | None:
    known = session.get(PENDING)
    if not isinstance(known, list) or len(known) != 4 or known[2] <= clock.now().timestamp():
        return None
    user = db.session.get(User, known[0])
    if user is None or not user.active or user.session_epoch != known[1]:
        return None
    return Pending(user, page_within(known[3]))


class SecondStepView(BaseView):
    route_base = "/login"
    default_view = "step"
    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), get_remote_address, methods=("POST",))]

    @expose("/second-step", methods=["GET"])
    @no_cache
    def step(self) -> Any:
        if g.user.is_authenticated:
            return redirect(HOME)
        waiting = pending()
        return self._page(waiting, session.pop(WRONG, "")) if waiting else _from_the_beginning()

    @expose("/second-step", methods=["POST"])
    @no_cache
    @locks_by_itself
    def check(self) -> Any:
        """By a code that is typed."""
        if g.user.is_authenticated:
            return redirect(HOME)
        waiting = pending()
        if waiting is None:
            return _from_the_beginning()
        user_id = waiting.user.id
        try:
            way = checking.check(Actor.of(waiting.user), request.form.get("code", "")[:100], "form")
        except TooMany as refusal:
            page = make_response(self._page(_still(waiting), refusal.message), refusal.status)
            page.headers["Retry-After"] = str(refusal.retry_after)
            return page
        if way is None:
            return _wrong(_("This code is wrong, or was used already."))
        answer = arrived(entrance.complete(user_id, "form", way), waiting.wanted, way)
        if way == enrolled.RECOVERY:
            left = enrolled.codes_left(user_id)
            flash(_("You signed in with a recovery code. Codes left: %(count)s.", count=left), "warning")
        return answer

    @expose("/passkey/options", methods=["POST"])
    @no_cache
    @locks_by_itself
    def question(self) -> Response:
        """What the browser asks the authenticator: for the second step, or of whoever wants to sign in."""
        party, waiting = challenges.relying_party(), pending()
        if party is None:
            abort(404)
        purpose, user_id = (STEP, waiting.user.id) if waiting and "step" in request.args else (ALONE, None)
        return challenges.asked(purpose, *passkeys.to_answer(party, user_id))

    @expose("/passkey", methods=["POST"])
    @no_cache
    @locks_by_itself
    def passkey(self) -> Any:
        """By the answer of an authenticator (``credential``, JSON)."""
        if g.user.is_authenticated:
            return redirect(HOME)
        if "step" in request.args:
            return self._passkey_step()
        wanted = page_within(request.form.get("next"))
        owner = _owner(ALONE, None)
        user = entrance.admit_by_passkey(owner) if owner is not None else None
        if user is None:
            flash(str(UNKNOWN), "warning")
            return redirect(url_for("AuthDBView.login", next=wanted))
        return arrived(user, wanted, PASSKEY)

    def _passkey_step(self) -> Any:
        waiting = pending()
        if waiting is None:
            return _from_the_beginning()
        user_id = waiting.user.id
        if _owner(STEP, user_id) != user_id:
            return _wrong(_("The passkey could not be checked. Please try again."))
        return arrived(entrance.complete(user_id, "form", PASSKEY), waiting.wanted, PASSKEY)

    def _page(self, waiting: Pending, wrong: str = "") -> str:
        ways = enrolled.ways(waiting.user.id)
        return str(
            self.render_template(
                "panel/account/second_step.html", title=_("Second step"), ways=ways, wrong=wrong,
                name=waiting.user.username, passkey=PASSKEY in ways and challenges.relying_party() is not None,
            )
        )  # fmt: skip


def _wrong(sentence: str) -> Any:
    """To the page again, so that nothing is sent twice by going back."""
    session[WRONG] = sentence
    return redirect(url_for("SecondStepView.step"))


def _still(waiting: Pending) -> Pending:
    """The same, read again after a transaction of its own."""
    return pending() or waiting


def _owner(purpose: str, user_id: int | None) -> int | None:
    party, challenge = challenges.relying_party(), challenges.taken(purpose)
    if party is None or challenge is None:
        return None
    return passkeys.owner(party, challenge, request.form.get("credential", ""), user_id)


def _from_the_beginning() -> Any:
    known = session.pop(PENDING, None)
    flash(str(AGAIN), "warning")
    wanted = page_within(known[3]) if isinstance(known, list) and len(known) == 4 else HOME
    return redirect(url_for("AuthDBView.login", next=wanted))


ACCESS = Access(SecondStepView, None)
