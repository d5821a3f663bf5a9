"""Where data comes from besides files of a person: the web, a bucket of S3, a database. Plain Python, run in the sandbox."""
