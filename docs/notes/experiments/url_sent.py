"""一个网址,哪些部分发给服务器,哪些不发。"""
import http.server
import threading
import urllib.parse
import urllib.request

seen = []


class Record(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append((self.requestline, self.headers["Host"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Record)
thread = threading.Thread(target=server.handle_request, daemon=True)
thread.start()
port = server.server_address[1]
url = f"http://127.0.0.1:{port}/%E4%BD%A0%E5%A5%BD?x=1#top"
with urllib.request.urlopen(url, timeout=5) as response:
    response.read()
thread.join(5)
(line, host), = seen
print("网址  ", url.replace(str(port), "PORT"))
print("请求行", line)
print("Host  ", host.replace(str(port), "PORT"))
