"""From the YAML that a user writes to a Request; every error at once, with its line."""
