"""Linux:一个套接字连到自己。双方同时打开,再同时关闭,都在这一条连接上。"""
import socket

with socket.socket() as sock:
    sock.settimeout(2)
    sock.bind(("127.0.0.1", 0))
    sock.connect(sock.getsockname())  # 没有 listen,也没有 accept
    print("本地端点就是远端端点:", sock.getsockname() == sock.getpeername())
    sock.sendall(b"hello")
    print("自己说的,自己收到:", sock.recv(1024))
    sock.shutdown(socket.SHUT_WR)
    print("自己的 FIN,自己也收到:", sock.recv(1024))
