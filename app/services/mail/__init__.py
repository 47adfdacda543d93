"""Mail that comes in: mailboxes, what a mail says, the case to which it belongs, quarantine."""
