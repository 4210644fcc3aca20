"""kscan: kubeadm's preflight on many hosts at once, over SSH, without an agent.

The pipeline, in the order the data passes:
inventory (YAML -> Request) -> transport (a session on each host) -> probe (one script, one
answer) -> facts (frozen values) -> resolve (the Target that the host is judged as) -> checks and
evaluate (results) -> judge (the host's row) -> spool; edges (what the hosts dial of each other)
and fleet (what all hosts show together) -> report -> render (a document).
`scan.py` joins them; `cli` is what a user types.

From there on: fix (results -> a script for each host), cluster (a plan of phases -> kubeadm init,
joins, reset), verify (the objects of the Kubernetes API -> results), diff (two reports).

Folders are stages. The files beside this one are what joins them (scan, ask, judge, evaluate) and
the values that they hand on: request (what was asked for), target (what a host is judged as),
verdict, report; errors is everything that may go wrong.
"""

__version__ = "0.1.0"
