"""关掉监听套接字:已经 accept 的照常,排着队的收到 RST,再来的被拒绝。"""
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
address = listener.getsockname()
first = socket.create_connection(address, timeout=2)
server = listener.accept()[0]
second = socket.create_connection(address, timeout=2)  # 连上了,还在排队
listener.close()

first.sendall(b"hello")
server.sendall(server.recv(1024).upper())
print("已经 accept 的:", first.recv(1024))
try:
    print("还没有 accept 的:", second.recv(1024))
except ConnectionResetError:
    print("还没有 accept 的:ECONNRESET")
try:
    socket.create_connection(address, timeout=2)
except ConnectionRefusedError:
    print("再来的:ECONNREFUSED")
for sock in (first, second, server):
    sock.close()
