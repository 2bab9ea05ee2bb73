"""一问一答,网线上的字节:一行一行,十六进制和文字。"""
import http.server
import socket
import threading


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response_only(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", "6")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write("你好".encode())

    def log_message(self, *_):
        pass


def show(title, data):
    """头一行一行地显示,剩下的是正文。"""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    rows = [(title, first), *(("字段行", field) for field in fields), ("空行", b"")]
    for name, line in rows:
        print(name.ljust(3, "\u3000"), (line + b"\r\n").hex(" "), line.decode())
    if body:
        print("正文\u3000", body.hex(" "), body.decode())


server = http.server.HTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.handle_request, daemon=True).start()
with socket.create_connection(server.server_address, timeout=5) as client:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    client.sendall(request)
    show("请求行", request)
    show("状态行", client.makefile("rb").read())
