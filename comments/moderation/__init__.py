"""What moderators do: the queue, its decisions, and the addresses behind comments."""
