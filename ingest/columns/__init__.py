"""Which table is this, and what does each column mean: header row, kind of sheet, data rows."""
