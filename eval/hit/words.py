"""The texts of the reports about hits, comparisons and replays, in both languages (`words.toml`)."""

from __future__ import annotations

from pathlib import Path

from eval.paper.words import read_words, sayer

WORDS = read_words(Path(__file__).with_name("words.toml"))
say = sayer(WORDS)


def named(code: str, lang: str) -> str:
    """What a slice or feature is called; the merchant's own words stay as they are."""
    return say(code, lang) if code in WORDS else code
