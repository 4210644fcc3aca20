"""Edges: which host reaches which, on the ports that their roles need.

ports (what a cluster needs) -> peers (who takes part) -> plan (who dials whom) -> questions (what a
host is told) -> dial.py, dial.pl on the host -> answers -> tally -> folding and paths (results).
gather.py is the only part that talks to hosts, by the sessions of transport.
"""
