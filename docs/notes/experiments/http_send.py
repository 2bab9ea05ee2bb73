"""照原样发请求,照原样显示回答。用法:http_send.py 地址 "GET / HTTP/1.1" "Host: x" [-- 下一个请求的各行]"""
import socket
import sys


def show(mark, data):
    """一行一行地显示,看得见换行。"""
    for line in data.split(b"\r\n")[:-1]:
        print(mark, line.decode("utf-8", "backslashreplace") + r"\r\n")


def receive(stream, method):
    """收一个回答:头到空行为止,正文按 Content-Length;没有就收到关闭。返回 False 是没有回答。"""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.read(1)
        if not byte:
            return print("收 什么也没有,连接关闭了") if not head else show("收", head + b"\r\n")
        head += byte
    show("收", head)
    fields = [line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:-2]]
    length = next((int(value) for name, value in fields if name == b"content-length"), None)
    none = method == "HEAD" or head.split()[1] in (b"204", b"304")
    body = b"" if none else stream.read(length) if length is not None else stream.read()
    text = body.decode("utf-8", "backslashreplace").replace("\n", r"\n")
    if body:
        print(f"收 正文 {len(body)} 字节:" + (text if len(text) <= 60 else text[:24] + "…"))
    return True


host, port = sys.argv[1].rsplit(":", 1)
requests = [part.split("\n") for part in "\n".join(sys.argv[2:]).split("\n--\n")]
data = b"".join("".join(line + "\r\n" for line in lines + [""]).encode() for lines in requests)
with socket.create_connection((host, int(port)), timeout=30) as sock, sock.makefile("rb") as stream:
    show("发", data)
    sock.sendall(data)
    if all(receive(stream, lines[0].split(" ")[0]) for lines in requests):
        sock.settimeout(0.5)
        try:
            print("然后:连接关闭了" if not stream.read(1) else "然后:还有别的字节")
        except OSError:
            print("然后:连接还开着")
