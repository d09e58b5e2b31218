"""How often the right answer is found: asked, explained, saved, compared, held to thresholds, and replayed from chat logs."""
