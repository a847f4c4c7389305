"""The sample branch and the living hall that `numerek demo` opens."""
