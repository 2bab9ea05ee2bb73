"""漏了空行:请求漏了,服务器一直等;回答漏了,正文成了头。"""
import http.client
import http.server
import socket
import threading


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def request(title, text):
    """发 text,看 1 秒里有没有回答。"""
    with socket.create_connection(server.server_address, timeout=1) as client:
        client.sendall(text)
        try:
            print(f"{title}:{client.recv(1024).split(bytes([13, 10]))[0].decode()}")
        except TimeoutError:
            print(f"{title}:等了 1 秒,没有回答")


def response(title, text):
    """服务器答 text,看客户端认出什么。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = http.client.HTTPConnection(*listener.getsockname(), timeout=1)
        client.request("GET", "/")
        stream, _ = listener.accept()
        with stream:
            stream.recv(1024)
            stream.sendall(text)
        answer = client.getresponse()
        print(f"{title}:头 {answer.getheaders()},正文 {answer.read()}")
        client.close()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
server.handle_error = lambda *_: None  # 半个请求的客户走了,不用说
threading.Thread(target=server.serve_forever, daemon=True).start()
request("请求,有空行  ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
request("请求,没有空行", b"GET / HTTP/1.1\r\nHost: x\r\n")
response("回答,有空行  ", b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nTitle: hello\r\n")
response("回答,没有空行", b"HTTP/1.1 200 OK\r\nServer: x\r\nTitle: hello\r\n")
