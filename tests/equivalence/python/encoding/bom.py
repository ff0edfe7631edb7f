print("a byte order mark came first")
