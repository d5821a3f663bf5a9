"""The parts of the page of a project, and how people join one."""
