"""Ways to run one command on one machine: SSH, this machine, saved captures."""
