"""The two pages and the login page: static files; everything they show comes through the API."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

_HERE = Path(__file__).resolve().parent.parent
_PAGES = _HERE / "pages"

router = APIRouter(include_in_schema=False)
static = StaticFiles(directory=_HERE / "static")


@router.get("/")
def sidebar() -> FileResponse:
    return FileResponse(_PAGES / "sidebar.html")


@router.get("/trainer")
def trainer() -> FileResponse:
    return FileResponse(_PAGES / "trainer.html")


@router.get("/login")
def login() -> FileResponse:
    return FileResponse(_PAGES / "login.html")
