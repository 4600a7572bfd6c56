"""Warn if a page would load anything from a network: a script, a style, a font."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

# A link may lead anywhere: a browser loads it only when a reader follows it.
LOADED = re.compile(
    r"""<(?!a\b)[^>]*\b(?:src|srcset|data)\s*=\s*["']?(?:https?:)?//
    |<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon))[^>]*\bhref=["']?(?:https?:)?//
    |(?:@import|url\()\s*["']?(?:https?:)?//""",
    re.VERBOSE | re.IGNORECASE,
)


def look_for_remote(app: Sphinx, exception: Exception | None) -> None:
    """Look through what was built."""
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*"):
            if path.suffix in {".html", ".css"} and (found := LOADED.search(path.read_text())):
                logging.getLogger(__name__).warning("%s loads %s", path, found[0][-100:])


def setup(app: Sphinx) -> dict[str, bool]:
    """Run after the build."""
    app.connect("build-finished", look_for_remote)
    return {"parallel_read_safe": True}
