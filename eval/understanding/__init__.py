"""How well a message is understood, part by part: names, minimal pairs, scenes, moods, key facts."""
