"""Is the check of a sentence before it is sent right? Clean sends, planted pastes of other shops, labelled sentences."""
