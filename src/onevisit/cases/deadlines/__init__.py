"""What falls due by itself: states that end, lights, and days that move when the rules do."""
