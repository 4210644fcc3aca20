"""A command in a pod, over a stream of the Kubernetes API."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from kubernetes import client
from kubernetes.stream import stream


def run_in_pod(
    login: client.Configuration, namespace: str, pod: str, command: list[str], seconds: float
) -> tuple[int | None, str, str]:
    """Run it: exit status, stdout, stderr; the status is None if it did not come to its end.

    Raises:
        Exception: what the library raises where it was not run; see `answered`.
    """
    configuration = copy.copy(login)
    # streams take a proxy of the environment unless one is named, which no_proxy then rules out
    configuration.proxy, configuration.no_proxy = configuration.host, "*"
    core = client.CoreV1Api(client.ApiClient(configuration))
    running: Any = stream(
        core.connect_get_namespaced_pod_exec,
        pod,
        namespace,
        command=command,
        stdout=True,
        stderr=True,
        stdin=False,
        tty=False,
        _preload_content=False,
    )
    try:
        running.run_forever(timeout=seconds)
        stdout = running.read_stdout() if running.peek_stdout() else ""
        stderr = running.read_stderr() if running.peek_stderr() else ""
        return _status(running), stdout, stderr
    finally:
        running.close()


def _status(running: Any) -> int | None:
    """The exit status; None if the command was not run to its end, or at all."""
    try:
        status = running.returncode
    except (LookupError, TypeError, ValueError, yaml.YAMLError):  # the library takes any words
        return None
    return status if isinstance(status, int) else None
