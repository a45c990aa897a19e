"""Proxies that others wrote, in front of a server of ours: diagnosed, mended, and tried again."""
