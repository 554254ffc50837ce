"""What does it cost, and does it hold what it says? Run by hand, never timed in a test."""
