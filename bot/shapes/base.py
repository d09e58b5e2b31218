"""What all shapes share: bounded texts, closed requests, immutable replies."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Name = Annotated[str, StringConstraints(max_length=100)]
Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]  # until the year 9999


class Request(BaseModel):
    """Base of everything a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of everything the service answers."""

    model_config = ConfigDict(frozen=True)
