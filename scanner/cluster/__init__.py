"""From hosts that are ready to a cluster that runs: what is done, in which order, how far it is.

`plan`, `action`, `phase`, `sequence`, `gate`, `show`, `same_machine`, `quorum` and `steps` say what
is done and touch nothing; `run`, `execute`, `connections`, `journal`, `lock`, `recover` and `work`
do it.
"""
