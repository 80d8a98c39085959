"""What the system tests share: the server as a process, its clients, and its own description."""
