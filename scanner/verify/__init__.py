"""What `kubeadm init` and `kubeadm join` left behind, proven through the Kubernetes API.

admin.conf is read from a control plane, the API is reached through a tunnel of the same SSH
session (credentials.py, api.py), what the rules name is read (gather.py), and pure rules judge it
(catalogue.py, judge.py). smoke/ makes something in the cluster, and takes it away.
"""
