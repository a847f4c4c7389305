"""Programs that measure what is promised, beside the machine's raw limits of the same run."""
