"""What differs between kubeadm's releases, as data."""
