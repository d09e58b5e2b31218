"""The shapes that cross the wire. Requests forbid unknown fields (no mass assignment); replies are built from nouns."""
