"""What a file says beside what the shop holds: what would be added, changed, left."""
