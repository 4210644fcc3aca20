"""An embedded fleet of SSH servers that answer from captures of real hosts."""
