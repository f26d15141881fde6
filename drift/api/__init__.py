"""What drift answers over HTTP, a module a resource."""
