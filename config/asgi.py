"""Entry point for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from config.safety import refuse_unsafe_configuration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

refuse_unsafe_configuration()
application = get_asgi_application()
