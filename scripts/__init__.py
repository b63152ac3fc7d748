"""What people and CI run by hand; what tests share with it."""
