"""One file per upgrade token, each an offer. None knows of policies, connections or each other."""
