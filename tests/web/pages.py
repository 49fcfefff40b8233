"""What a page holds that a browser would load, send or run, read out of its HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("audio", "src")}
EMPTY = {"input", "link", "meta", "img", "br", "hr", "base", "source", "path", "wbr", "col"}


@dataclass
class Form:
    """A form with its fields by name."""

    method: str
    action: str
    fields: dict[str, dict[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """One page."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.problems: list[str] = []
        self._inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self._inside = tag
        for name, value in known.items():
            if name.startswith("on") or name == "style":
                self.problems.append(f"<{tag} {name}={value!r}>: inline code")
            if value.strip().lower().startswith(("javascript:", "vbscript:")):
                self.problems.append(f"<{tag} {name}={value!r}>: a script as address")
            if (tag, name) in LOADED and not self._is_ours(value) and not value.startswith("data:"):
                self.problems.append(f"<{tag} {name}={value!r}>: loaded from elsewhere")
        if tag in ("base", "object", "embed", "applet", "style"):
            self.problems.append(f"<{tag}>")
        if tag == "script" and "src" not in known and known.get("type") != "application/json":
            self.problems.append("<script> without src")
        if known.get("target") == "_blank" and "noopener" not in known.get("rel", ""):
            self.problems.append(f"<{tag} target=_blank> without rel=noopener")
        self._note_form(tag, known)
        if tag == "a" and self._is_ours(known.get("href", "")):
            self.links.append(urljoin(self.address, known["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.forms:
            self._check_form(self.forms[-1])

    def _note_form(self, tag: str, known: dict[str, str]) -> None:
        if tag == "form":
            self.forms.append(Form(known.get("method", "get").lower(), known.get("action", "")))
        name = known.get("name", "")
        if tag in ("input", "textarea", "select", "button") and name and self.forms:
            self.forms[-1].fields[name] = known
        if tag == "input" and known.get("type") == "password" and "autocomplete" not in known:
            self.problems.append(f"a password field {name!r} that does not say what for")
        if tag == "input" and "password" in name and known.get("type") not in ("password", None):
            self.problems.append(f"a password field {name!r} that shows what is typed")
        if tag == "input" and known.get("onpaste"):
            self.problems.append(f"a field {name!r} that takes no paste")

    def _check_form(self, form: Form) -> None:
        if not self._is_ours(form.action):
            self.problems.append(f"a form that leads to {form.action!r}")
        if form.method == "post" and not form.fields.get("csrf_token", {}).get("value"):
            self.problems.append(f"a form without a token: {form.action!r}")
        if form.method == "get" and any("password" in name for name in form.fields):
            self.problems.append(f"a form that sends a password in its address: {form.action!r}")

    def _is_ours(self, address: str) -> bool:
        parts = urlsplit(urljoin(self.address, address))
        return parts.netloc == urlsplit(self.address).netloc and parts.scheme in ("http", "https")


def same_site_links(page: Page) -> Iterator[str]:
    """Addresses on this server that the page leads to, without fragments."""
    for link in page.links:
        parts = urlsplit(link)
        yield parts.path + (f"?{parts.query}" if parts.query else "")
