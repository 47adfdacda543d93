"""What is fixed for a day: agenda, month, feed."""
