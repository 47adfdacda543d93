"""One's own account, and those that an admin keeps."""
