"""What serving packages share: parameters, windows, pages, shapes, rendering, the runner."""
