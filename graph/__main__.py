"""Commands on the graph: `python -m graph --help`."""

import sys

from graph.commands import main

sys.exit(main())
