"""The public page on how to complain (POJK 18/2018 requires that it is published)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.workflow.declaration import Guide, PublicPage

#: The same by phone and at the counter.
NUMBER = _("Write down the ticket number that you are told: with it you need not explain everything again.")
CLOSING = _("Before we end we ask whether there is anything else, and sum up what was said.")


def guide(oral_days: int, written_days: int, extension_days: int) -> PublicPage:
    """The page with its time limits, in working days."""
    oral = _("A complaint made by word of mouth is settled within %(days)s working days.", days=oral_days)
    written = _(
        "A written complaint is settled within %(days)s working days. When that is not enough, we tell you in writing "
        "why and by when; this can happen once, for up to %(more)s working days.",
        days=written_days, more=extension_days,
    )  # fmt: skip
    return PublicPage(
        _("How to complain"),
        _("You can reach us in these ways. Complaining costs nothing."),
        (
            Guide(
                _("By telephone"),
                (
                    _("Have your name, phone number and order ID ready: we verify them first."),
                    _("We answer general questions at once: ways of payment, products, the amount of your bill, how to "
                      "apply, the status of your application."),
                    _("For details of a payment or a fault of the application we ask you to send the data by e-mail."),
                    NUMBER,
                    CLOSING,
                ),
                oral,
                "COMPLAINT_PHONE",
            ),
            Guide(
                _("We call you back"),
                (
                    _("When more explanation is needed, when you did not answer our e-mail, or when the call was cut "
                      "off, we call the number that you gave us."),
                ),
            ),
            Guide(
                _("By e-mail"),
                (
                    _("Describe the matter and attach what shows it; you get a ticket number at once."),
                    _("Leave the ticket number in the subject when you answer, so that everything stays together."),
                ),
                written,
                "COMPLAINT_EMAIL",
            ),
            Guide(
                _("At our counter"),
                (
                    _("Have your name, phone number and order ID ready: we verify them first."),
                    _("When supporting data is needed from you, we go on as soon as you have brought it."),
                    NUMBER,
                    CLOSING,
                ),
                oral,
                "COMPLAINT_ADDRESS",
            ),
        ),
    )  # fmt: skip
