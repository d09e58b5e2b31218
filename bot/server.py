"""uvicorn, told what it cannot know: that a line which is open for good has to be ended before it waits for it."""

from __future__ import annotations

import socket

import uvicorn


class Server(uvicorn.Server):
    """Ends the streams of a huashu app when it stops; else every stop would take the whole grace period."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live = getattr(getattr(self.config.app, "state", None), "live", None)
        if live is not None:
            live.stream.close()
        await super().shutdown(sockets)
