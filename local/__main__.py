"""Commands for a machine without Docker: `python -m local --help`."""

import sys

from local.cli import main

sys.exit(main())
