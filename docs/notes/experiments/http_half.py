"""只说半个请求,等着看服务器怎样。用法:http_half.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=10) as sock, sock.makefile("rb") as stream:
    sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nCookie: ")
    print("说了半个请求,不说了", flush=True)
    answer = stream.read()
    print("收到", answer.split(b"\r\n")[0].decode(), flush=True)
    print("连接关闭了")
