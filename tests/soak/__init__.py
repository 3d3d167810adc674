"""What takes minutes and is run by hand: make soak."""
