"""The glue: settings, app factory, command line, authentication."""
