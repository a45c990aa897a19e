"""One file or folder for each upgrade token."""
