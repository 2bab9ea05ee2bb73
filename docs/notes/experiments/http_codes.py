"""Python 自带的 http.server 用到的状态码:每一种怎样问出来。"""
import functools
import http.server
import pathlib
import socket
import threading

pathlib.Path("www/dir").mkdir(parents=True, exist_ok=True)
pathlib.Path("www/index.html").write_text("hello", encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def ask(*lines):
    """发这几行,返回状态码。"""
    with socket.create_connection(server.server_address, timeout=5) as client:
        client.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        first, _, rest = client.makefile("rb").read().partition(b"\n")
    if first.startswith(b"HTTP/"):
        return first.split()[1].decode()
    return "没有状态行(像 HTTP/0.9 那样),正文里说 " + rest.partition(b"Error code: ")[2][:3].decode()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="www"))
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
LATE = "If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT"
for title, lines in (
    ("有这个文件", ("GET / HTTP/1.1",)),
    ("没有变过", ("GET / HTTP/1.1", LATE)),
    ("目录少了 /", ("GET /dir HTTP/1.1",)),
    ("没有", ("GET /none HTTP/1.1",)),
    ("看不懂的请求行", ("GET / HTTP/one",)),
    ("太长的请求行", ("GET /" + "x" * 70000 + " HTTP/1.1",)),
    ("太多的字段", ("GET / HTTP/1.1", *(f"X-{n}: 1" for n in range(200)))),
    ("不会的方法", ("POST / HTTP/1.1",)),
    ("不会的版本", ("GET / HTTP/2.0",)),
):
    print(f"{title}:{ask(*lines)}")
