"""The pages, one file each: thin, they fetch once and lay out."""
