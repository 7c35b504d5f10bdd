"""What a log tells of a stack's health: plain Python, so that it runs wherever the lines are."""
