"""What a plan is worth when the day goes otherwise, and plans that bear it."""
