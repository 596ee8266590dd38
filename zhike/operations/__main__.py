"""`python -m zhike.operations`: the same as `zhike`."""

import sys

from zhike.operations.command import main

sys.exit(main())
