import socket
a, b = socket.socketpair()
a.sendall(b"through a socket"); a.close()
print(b.recv(100), b.recv(1), b.family, b.type)
