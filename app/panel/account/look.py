"""What the pages of an account share."""

from __future__ import annotations

from app.panel.admin.records import FieldsWidget


class AccountPage:
    """The look that the forms of an account share."""

    form_template = "panel/admin/record_form.html"
    edit_widget = FieldsWidget
