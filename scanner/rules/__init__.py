"""The user's own rules: what a `checks:` file says, and how a host's answer to it is judged."""
