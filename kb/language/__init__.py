"""What a text says: cleaned, cut, read, compared and masked. Pure functions of texts; nothing here knows a shop's index."""
