"""Reports, downloads and the log of exports."""
