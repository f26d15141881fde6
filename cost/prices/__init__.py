"""The price book: what one unit of a meter costs, since when, for whom, and who said so."""
