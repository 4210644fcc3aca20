"""Which path an object of any kind has: asked of the API server, once for each group."""

from __future__ import annotations

import re
from urllib.parse import quote

from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api
from scanner.verify.objects import Object, Ref, at, objects, text

_API_VERSION = re.compile(r"(?:[a-z0-9.-]{1,253}/)?v[a-z0-9]{1,20}\Z")


class Discovery:
    """Remembers what each group has.

    Args:
        api: an open login.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._groups: dict[str, tuple[Object, ...]] = {}

    async def path(self, api_version: str, ref: Ref) -> str | None:
        """The object's path; None where the API server knows no such kind.

        Raises:
            ApiFailed: the API server does not say.
        """
        if not _API_VERSION.match(api_version):
            raise ApiFailed(f"{api_version[:100]!r} is no apiVersion")
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        for resource in await self._resources(base):
            name = text(resource, "name")
            if text(resource, "kind") != ref.kind or "/" in name:
                continue
            if at(resource, "namespaced") is True:
                namespace = quote(ref.namespace or "default", safe="")
                base += f"/namespaces/{namespace}"
            return f"{base}/{name}/{quote(ref.name, safe='')}"
        return None

    async def _resources(self, base: str) -> tuple[Object, ...]:
        if base not in self._groups:
            reply = await self._api.get(base)
            if not reply.is_good and not reply.is_absent:
                raise ApiFailed(reply.reason)
            self._groups[base] = tuple(objects(reply.body, "resources"))
        return self._groups[base]
