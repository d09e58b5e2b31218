"""Conversation rows, the unit of every uplift figure: what they are, and files of them."""
