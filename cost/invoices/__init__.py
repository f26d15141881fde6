"""What providers ask for, compared with what was charged here, by cause."""
