"""The service as its clients see it: messages go in, the queue comes out. One kept-alive connection, standard library only."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from kb.errors import Conflict, Forbidden, HuashuError, Invalid, NotFound, Unauthorised

_PATIENCE_S = 15.0
_REFUSALS = {401: Unauthorised, 403: Forbidden, 404: NotFound, 409: Conflict}


class Unreachable(Exception):
    """Nobody answers at the address. What was sent may be sent again: a message is known by its id."""


class Desk:
    """Whatever holds the key: hosts that send what buyers and agents say, or an agent at the queue."""

    def __init__(self, address: str, key: str) -> None:
        try:
            parts = urlsplit(address if "//" in address else f"http://{address}")
            connect = {"http": HTTPConnection, "https": HTTPSConnection}[parts.scheme]
            self._connection = connect(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
        except (KeyError, ValueError, HTTPException) as error:
            raise Invalid(f"地址 {address} 不对。", remedy="写成 http://127.0.0.1:8000 这样。") from error
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def shops(self) -> set[str]:
        """Slugs of the shops that the key names."""
        return {shop["slug"] for shop in self._ask("GET", "/v1/shops")["shops"]}

    def say(self, shop: str, conversation: str, message: dict[str, Any]) -> dict[str, Any]:
        """A message of a chat, the buyer's or the agent's; the same id again is not a second message. Returns the chat."""
        path = f"/v1/conversations/{quote(conversation)}/messages"
        told: dict[str, Any] = self._ask("POST", path, message, shop=shop)["conversation"]
        return told

    def claim(self, shop: str, conversation: str) -> str:
        """Serve it; returns the id under which the service knows who asks. Raises Conflict: somebody else serves it."""
        return str(self._ask("POST", f"/v1/conversations/{quote(conversation)}/claim", {}, shop=shop)["agent"])

    def close(self, shop: str, conversation: str) -> None:
        self._ask("POST", f"/v1/conversations/{quote(conversation)}/close", {}, shop=shop)

    def queue(self) -> list[dict[str, Any]]:
        """The open conversations of all the key's shops."""
        found: list[dict[str, Any]] = self._ask("GET", "/v1/conversations", state="open")["conversations"]
        return found

    def leave(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            self._connection.request(method, f"{path}?{urlencode(query)}", data, self._headers)
            reply = self._connection.getresponse()
            told = reply.read()
        except (OSError, HTTPException) as error:
            self._connection.close()  # the next request connects again
            raise Unreachable(str(error)) from error
        return _checked(reply.status, told)


def _checked(status: int, told: bytes) -> dict[str, Any]:
    if status >= 500 or status == 429:  # the same again a little later
        raise Unreachable(f"HTTP {status}")
    reply: dict[str, Any] = json.loads(told) if told else {}
    if status < 300:
        return reply
    raise _REFUSALS.get(status, HuashuError)(str(reply.get("detail", f"HTTP {status}")))
