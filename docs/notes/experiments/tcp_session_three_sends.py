"""连发三句再收,看回答有几个。用法:tcp_session_three_sends.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=10) as client:
    for question in (b"one,", b"two,", b"three"):
        client.sendall(question)
    print("send 了 3 次", flush=True)
    print("recv 一次:", client.recv(1024))
