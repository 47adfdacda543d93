"""gunicorn reads this by itself where it is started. Which proxies are believed, the application decides alone
(TRUSTED_PROXIES), so gunicorn believes none."""

forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
