"""The systems the sidebar lives in: what they tell us becomes a message of a conversation."""
