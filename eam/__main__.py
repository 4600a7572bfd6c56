"""python -m eam."""

import sys

from .commands.main import main

sys.exit(main())
