"""What comes with the project and commands use unless told otherwise."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_SETS = _ROOT / "eval" / "sets"

DEMO = _ROOT / "demo"  # a folder for each of three shops
DESK = _SETS / "desk"  # a service desk's knowledge and messages, to learn from
TALK = _SETS / "talk"  # more of it: conversations, most of which end in a message that says little by itself
HEARD = _SETS / "heard.jsonl"  # what buyers of real conversations asked, in our words
PAIRS = _SETS / "minimal_pairs.jsonl"
TONE = _SETS / "tone.jsonl"
NAMES = _SETS / "names"  # six small shops
KEYFACTS = _SETS / "keyfacts.jsonl"  # short conversations and what a person noted of them
COMPLIANCE = _SETS / "compliance.jsonl"  # sentences with their breaches marked by hand
COMPLIANCE_TAUGHT = _SETS / "compliance_taught.jsonl"  # more of them, written to learn from
