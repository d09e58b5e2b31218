"""What the service declines to do: offer hopeless answers, read many files at once."""

from __future__ import annotations

from running import inside
from world import World

from bot.settings import Settings
from bot.suggest import SILENCE

ENTRY = {"question": "四件套会褪色吗", "answers": [{"text": "不会褪色"}], "status": "published"}


def test_a_hopeless_answer_is_not_offered(world: World) -> None:
    """Silence is a right answer: cards of 0 % once stood ready under keys 1 to 3."""
    with inside(Settings(data=world.data, engine="none")) as server:
        http = server.client(world.keys["trainer-a"])
        http.post("/v1/entries", json=ENTRY).raise_for_status()
        for text in ("四件套褪色", "今天天气怎么样啊", "哈哈哈"):
            found = http.post("/v1/suggest", json={"text": text, "limit": 10}).json()
            assert all(hit["probability"] >= SILENCE for hit in found["hits"])
        assert found["hits"] == []


def test_a_third_file_at_once_is_asked_to_wait(world: World) -> None:
    """Forty-five parallel previews once held every worker thread, and other shops' agents waited for seconds."""
    with inside(Settings(data=world.data, engine="none")) as server:
        http = server.client(world.keys["trainer-a"])
        file = {"file": ("问答.csv", "问题,答复\n包邮吗,满99包邮\n".encode())}
        taken = [server.service.importing.acquire(blocking=False) for _ in range(2)]
        busy = http.post("/v1/imports", files=file)
        assert taken == [True, True]
        assert (busy.status_code, busy.json()["code"], "retry-after" in busy.headers) == (503, "HS-503", True)
        assert http.get("/healthz").status_code == 200
        server.service.importing.release()
        assert http.post("/v1/imports", files=file).status_code == 200
        server.service.importing.release()
