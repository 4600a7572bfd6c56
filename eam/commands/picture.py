"""Take a picture of the published front page, light and dark, for the README.

It needs Chromium or Chrome, and a published report (`make report`).

Exit status: 0 both pictures were written, 2 there is no report or no browser.
"""

import argparse
import shutil
import subprocess
from pathlib import Path

from ..errors import EamError, NoResultsError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# what Chromium calls the colour schemes of its preferredColorScheme setting
_SCHEMES = {"light": 1, "dark": 0}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the picture."""
    parser.add_argument(
        "--page",
        type=Path,
        default=Path(".asv/html/index.html"),
        help="the page (default %(default)s)",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("docs"), help="where to write (default %(default)s)"
    )
    parser.add_argument("--size", default="1280x800", help="of the window (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Write report-light.png and report-dark.png."""
    if not args.page.exists():
        raise NoResultsError(f"{args.page} is not here; publish it with: make report")
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise EamError("no Chromium or Chrome here; on Debian: apt-get install chromium")
    for scheme, number in _SCHEMES.items():
        path = args.folder / f"report-{scheme}.png"
        _picture(browser, args.page, path, args.size, number)
        print(f"Wrote {path}")
    return 0


def _picture(browser: str, page: Path, path: Path, size: str, scheme: int) -> None:
    path.unlink(missing_ok=True)
    command = [
        browser,
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--window-size={size.replace('x', ',')}",
        f"--blink-settings=preferredColorScheme={scheme}",
        "--virtual-time-budget=8000",
        f"--screenshot={path.resolve()}",
        page.resolve().as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if not path.exists():
        words = done.stderr.strip().splitlines()[-1:]
        raise EamError(f"{browser} wrote no picture: {' '.join(words)}")
