"""/api/v1 for devices, clerks and integrators: thin routes over the services."""
