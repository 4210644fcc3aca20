"""`kscan fix`: from what was found on a host to a shell script that mends it, which a person reads.

Nothing here talks to a host: `host` reads what a report says of it, `steps` has the plan, `script`
writes it. What no script may do (delete data, end processes, stop a firewall, reset) and what
nobody but a person can decide stands in it as comments.
"""
