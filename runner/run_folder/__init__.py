"""What a run leaves on the disk: its plan, its ledger, its lock and its CSV."""
