"""Tables that come in and go out: CSV, XLSX, masking of personal data."""
