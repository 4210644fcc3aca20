"""The command line: parse, run, show, exit status; no rule and no format lives here."""
