"""The glue: settings, app factory, command line, authentication."""

__version__ = "0.1.0"
