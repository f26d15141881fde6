"""What if: the past under other prices, another model, or a budget."""
