"""What `init`, `join` and `reset` do around the phases: look, refuse, ask, begin, tell."""
