"""The page on paper: the same HTML as PDF, by WeasyPrint."""

from __future__ import annotations

from jndlab.errors import MissingExtra


def render_pdf(page: str) -> bytes:
    """A report's HTML as PDF: what a browser would print, contents of folded parts included.

    Needs ``pip install "jndlab[pdf]"`` and the system's Pango. MissingExtra: one of them lacks.

    >>> from jndlab.errors import MissingExtra
    >>> try:
    ...     start = render_pdf("<p>One page.</p>")[:5]
    ... except MissingExtra:
    ...     start = b"%PDF-"
    >>> start
    b'%PDF-'
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError):  # OSError: the package is there, Pango is not
        raise MissingExtra("weasyprint (with the system library Pango)", "pdf") from None
    # Print shows everything: nobody can unfold a part of a sheet of paper.
    pdf = HTML(string=page.replace("<details>", "<details open>")).write_pdf()
    return bytes(pdf)
