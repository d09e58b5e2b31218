"""What agents' choices teach a shop: proposals, their trial against the gold messages, and what is taken."""
