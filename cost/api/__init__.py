"""The cost meter over HTTP: prices, costs, budgets and what is made of them."""
