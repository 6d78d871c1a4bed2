"""The service, for gunicorn (`gunicorn wsgi:app`) and for the flask command."""

from config import Config
from skillsmatch import create_app

app = create_app(Config())
