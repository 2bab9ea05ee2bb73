"""同样 100 个请求:一条长连接,和 100 条短连接。"""
import http.client
import http.server
import threading
import time

COUNT = 100


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # Python 默认是 HTTP/1.0:答一次就关闭
    disable_nagle_algorithm = True  # 头和正文分两次写,不关掉 Nagle 就要多等约 40 毫秒
    connections = 0

    def setup(self):
        type(self).connections += 1
        super().setup()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def measure(title, requests):
    """每条连接问 requests 次,一共 100 次;数连接。"""
    Page.connections = 0
    start = time.monotonic()
    for _ in range(COUNT // requests):
        client = http.client.HTTPConnection(*server.server_address, timeout=5)
        for _ in range(requests):
            client.request("GET", "/")
            assert client.getresponse().read() == b"hello"
        client.close()
    each = (time.monotonic() - start) / COUNT * 1e6
    print(f"{title}:{COUNT} 个请求,{Page.connections} 条连接,每个 {each:.0f} 微秒")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
measure("长连接", COUNT)
measure("短连接", 1)
