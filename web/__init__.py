"""What every HTTP endpoint shares: parameters, windows, pages, shapes, rendering, who reads."""
