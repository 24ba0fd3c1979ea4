"""Check workers: processes that answer checks beside the node's own, as long as nothing is found."""
