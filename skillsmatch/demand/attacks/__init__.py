"""Attacks on what is released: whoever adds one here makes every later release prove that it withstands it."""
