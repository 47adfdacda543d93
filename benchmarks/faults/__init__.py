"""What becomes of the data when processes, disks and servers fail in the middle of their work."""
