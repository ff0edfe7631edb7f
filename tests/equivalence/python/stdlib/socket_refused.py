# equiv: {"differs": {"plain": "the host's name, users and network are not those of a box"}}
import socket
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError as e:
    print(type(e).__name__)
