"""The HTTP front: the ASGI application, limits on headers, the lane for a rush, and the choice of application."""
