"""One's own account: signing in, name, password; and the new password that an admin gives."""
