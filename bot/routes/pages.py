"""The pages: static files; everything they show comes through the API. The sidebar's alone is told who may talk to it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

_HERE = Path(__file__).resolve().parent.parent
_PAGES = _HERE / "pages"

router = APIRouter(include_in_schema=False)
static = StaticFiles(directory=_HERE / "static")


_NOBODY = '<meta name="huashu-origins" content="">'


@router.get("/")
def sidebar(request: Request) -> HTMLResponse:
    page = (_PAGES / "sidebar.html").read_text(encoding="utf-8")
    origins: str = request.app.state.settings.origins  # checked when it was read: nothing in it can end an attribute
    return HTMLResponse(page.replace(_NOBODY, _NOBODY.replace('""', f'"{origins}"')))


@router.get("/bookmarklet")
def bookmarklet() -> FileResponse:
    return FileResponse(_PAGES / "bookmarklet.html")


@router.get("/pocket")
def pocket() -> FileResponse:
    return FileResponse(_PAGES / "pocket.html")


@router.get("/trainer")
def trainer() -> FileResponse:
    return FileResponse(_PAGES / "trainer.html")


@router.get("/login")
def login() -> FileResponse:
    return FileResponse(_PAGES / "login.html")
