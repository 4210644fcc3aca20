"""Make something in the cluster, use it as its users will, and take it away again."""
