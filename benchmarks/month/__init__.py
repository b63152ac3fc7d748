"""A made-up month of a floor, and a judge of what the alert rules say about it."""
