"""Learning what ships: the head, the tone, the check and what they are made of; each written to one file with its provenance."""
