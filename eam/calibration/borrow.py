"""Let an environment use another one's libraries: ``python borrow.py SITE_PACKAGES``.

`eam.calibration.continuous` copies this file beside the asv.conf.json of a clone, whose
environments it serves, so it imports nothing of eam.
"""

import sys
import sysconfig
from pathlib import Path

if __name__ == "__main__":
    Path(sysconfig.get_path("purelib"), "borrowed.pth").write_text(sys.argv[1])
