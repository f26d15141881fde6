"""`python -m answerable` is `answerable`."""

from answerable.cli import main

if __name__ == "__main__":
    main()
