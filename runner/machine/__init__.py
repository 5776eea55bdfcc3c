"""What the machine offers: memory, disks, caches, a clock."""
