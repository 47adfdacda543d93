"""What a browser says of itself, in two words that its owner knows: "Firefox · Windows"."""

from __future__ import annotations

#: What stands in a user agent, and what people call it; the first that is found names it. Browsers carry the names of
#: those whose pages they want to be given, so the special ones come first.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def in_words(user_agent: str) -> str:
    """Browser and system; empty where neither is known."""
    found = (next((word for part, word in known if part in user_agent), "") for known in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found))
