"""The service under many clients at once, as it is run: gunicorn, cookies, protection against forged forms."""
