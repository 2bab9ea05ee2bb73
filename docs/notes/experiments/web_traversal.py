"""目录后面接上路径就打开:走得出去吗?(客户端自己不整理路径,所以用裸的套接字。)"""
import functools
import http.server
import pathlib
import socket
import threading

pathlib.Path("site").mkdir(exist_ok=True)
pathlib.Path("site/index.html").write_text("<h1>hello</h1>", encoding="utf-8")
pathlib.Path("secret.txt").write_text("password", encoding="utf-8")


def naive(stream):
    """最常见的写法。"""
    path = stream.recv(1024).decode().split(" ")[1]
    try:
        with open("./site" + path, "rb") as file:
            body = file.read()
        stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    except OSError:
        stream.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")


def ask(address, path):
    """问一次,返回状态码和正文。"""
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
        return head.split()[1].decode(), b"password" in body


def serve():
    while True:
        stream, _ = listener.accept()
        with stream:
            naive(stream)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, daemon=True).start()
handler = functools.partial(Quiet, directory="site")
library = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=library.serve_forever, daemon=True).start()
for path in ("/index.html", "/../secret.txt", "/none/../../secret.txt"):
    for title, address in (("接上就打开", listener.getsockname()), ("http.server", library.server_address)):
        status, leaked = ask(address, path)
        print(f"{path:24} {title}:{status}{',秘密出来了' if leaked else ''}")
