"""The web application, for the server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What was made at the start stays: nobody need look through it for garbage. A page makes ten thousand objects, hardly
# any of them in circles, and would be searched for them a dozen times.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
