"""What agents do with suggestions: one life for each card shown, its end, and what was changed in its text.

Pure functions of events; the words and rules are in docs/events.md. Nothing here stores or sends.
"""
