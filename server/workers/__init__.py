"""What runs beside the requests: the scheduler and its jobs, the sweeper, and the worker that sends messages."""
