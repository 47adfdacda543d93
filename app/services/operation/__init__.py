"""What whoever runs a deployment wants to know: figures, background work, whether it is ready."""
