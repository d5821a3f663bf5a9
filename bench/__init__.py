"""Programs that measure the hub beside what else there is."""
