"""头怎样到、有多长:慢慢发、长的、太长的。用法:web_heads.py 127.0.0.1:8080"""
import socket
import sys


def ask(title, pieces):
    """一块一块地发,显示状态码。"""
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 每一块马上发
        for piece in pieces:
            client.sendall(piece)
        print(f"{title}:{client.makefile('rb').readline().split()[1].decode()}", flush=True)


host, port = sys.argv[1].rsplit(":", 1)
request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ask("一个字节一个字节地发", [bytes([byte]) for byte in request])
for size in (3_000, 20_000):
    ask(f"头有 {size:,} 字节", [request[:-2] + b"Cookie: " + b"c" * (size - len(request) - 10) + b"\r\n\r\n"])
