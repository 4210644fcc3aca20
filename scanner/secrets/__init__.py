"""Passwords and passphrases: held, tried once, and cut out of everything that is shown."""
