"""What the sheets of one file say of the same thing, settled before it is compared with the shop."""
