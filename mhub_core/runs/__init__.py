"""The life of a run: queued, claimed by a worker under a lease, recorded epoch by epoch, ended once."""
