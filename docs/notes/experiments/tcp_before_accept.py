"""握手是内核做的:服务器还没有 accept,客户端已经连上、说完、走了。"""
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    with socket.create_connection(listener.getsockname(), timeout=2) as client:
        client.sendall(b"hello")
    print("客户端已经连上、说完、关了;服务器还没有 accept")
    server, peer = listener.accept()
    with server:
        server.settimeout(2)
        print("accept 才取到它,数据在等着:", server.recv(1024), server.recv(1024))
