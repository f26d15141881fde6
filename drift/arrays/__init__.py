"""Array engines: the same counts and numbers from NumPy and from CuPy."""
