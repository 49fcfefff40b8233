"""What a browser calls itself -> its family, roughly: enough to see that one family has trouble."""

from __future__ import annotations

FAMILIES = (
    # Most claim to be several; the first that fits is the one it is.
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
OTHER = "other"
PHONES = ("Mobile", "iPhone", "Android")


def browser_family(user_agent: str) -> str:
    """The family, with "phone" where it runs on one; "other" where it is not known.

    >>> browser_family("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox'
    """
    family = next((name for sign, name in FAMILIES if sign in user_agent), OTHER)
    if any(sign in user_agent for sign in PHONES):
        return f"{family}, phone"
    return family
