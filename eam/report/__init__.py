"""The report: what asv stored, as pages, a verdict and an export.

asv loads this package as a plugin (`plugins` in asv.conf.json), so that `asv publish` writes the
report into its html folder: our front page in place of asv's, which moves to classic.html. The
libraries that draw are imported by publishing alone; other asv commands do not need them.
"""

from .publisher import setup

__all__ = ["setup"]
