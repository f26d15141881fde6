"""Routes of the service itself: keys, the caller, health. The product's live in its packages."""
