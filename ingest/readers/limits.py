"""How much of a file is read, whatever its format."""

from __future__ import annotations

MAX_COLUMNS = 200
MAX_ROWS = 100_000
MAX_CELLS = 2_000_000  # of a text, a document or an old workbook; a streamed workbook has a budget of its own
MAX_SHEETS = 50
