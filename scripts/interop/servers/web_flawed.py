"""一个小小的静态网站服务器;给一个缺陷的名字,它就有这个缺陷。

用法:web_flawed.py 根目录 [缺陷];第一行打印「监听 IP:PORT」。
"""

import os
import re
import socket
import sys
import threading
from urllib.parse import unquote_to_bytes

ROOT = os.path.realpath(sys.argv[1]).encode()
FLAW = sys.argv[2] if len(sys.argv) > 2 else ""
PATIENCE = 30
REASONS = {200: "OK", 206: "Partial Content", 304: "Not Modified", 400: "Bad Request", 404: "Not Found",
           405: "Method Not Allowed", 412: "Precondition Failed", 416: "Range Not Satisfiable"}


class Bad(Exception):
    """看不懂的请求。"""


def find(target):
    """请求目标指的文件;没有、不许给都是 None。"""
    path = unquote_to_bytes(target.split(b"?")[0])
    if FLAW == "decodes_twice":
        path = unquote_to_bytes(path)
    if b"\0" in path:
        return None
    full = ROOT + (b"/" + path.lstrip(b"/") if FLAW == "joins" else path)
    real = full if FLAW == "joins" else os.path.realpath(full)
    if FLAW == "compares_prefix":
        inside = real.startswith(ROOT)
    else:
        inside = FLAW == "joins" or real == ROOT or real.startswith(ROOT + b"/")
    return real if inside and os.path.isfile(real) else None


def body(reader, fields):
    """读掉主体;分不清它到哪里为止就是 Bad。"""
    length, coding = fields.get(b"content-length"), fields.get(b"transfer-encoding")
    if FLAW == "ignores_bodies":
        return
    if FLAW == "prefers_length" and length:
        coding = None
    if length and coding or coding and coding.lower() != b"chunked":
        raise Bad
    if length:
        if not re.fullmatch(rb"[0-9]{1,9}", length):
            raise Bad
        reader.read(int(length))
    while coding:
        size = reader.readline(1000)
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}[ \t]*(;[^\r\n]*)?\r\n", size):
            raise Bad
        size = int(size.split(b";")[0], 16)
        if size == 0:
            while reader.readline(1000).strip():
                pass
            return
        if reader.read(size + 2)[size:] != b"\r\n":
            raise Bad


def matches(tags, etag, weak):
    """`tags` 里有没有 `etag`;`weak` 是弱比较。"""
    if tags == b"*":
        return True
    listed = re.findall(rb'(?:W/)?"[^"]*"', tags)
    return etag in listed or weak and b"W/" + etag in listed


def answer(method, target, fields):
    """状态码,字段,主体。"""
    if method not in (b"GET", b"HEAD"):
        return 405, [] if FLAW == "no_allow" else [b"Allow: GET, HEAD"], b""
    file = find(target if target != b"/" else b"/index.html")
    if file is None:
        return 404, [], b"no\n"
    with open(file, "rb") as opened:
        content = opened.read()
    etag = b'"%x-%x"' % (int(os.path.getmtime(file)), len(content))
    headers = [b"ETag: " + etag]
    if b"if-match" in fields and not matches(fields[b"if-match"], etag, FLAW == "weak_if_match"):
        return 412, headers, b""
    if b"if-none-match" in fields and matches(fields[b"if-none-match"], etag, True):
        return 304, headers, b""
    span = re.fullmatch(rb"bytes=([0-9]+)-([0-9]+)", fields.get(b"range", b""))
    if span and method == b"GET" and int(span[1]) < len(content):
        first, last = int(span[1]), min(int(span[2]), len(content) - 1)
        headers.append(b"Content-Range: bytes %d-%d/%d" % (first, last, len(content)))
        return 206, headers, content[first:last + (FLAW != "range_off_by_one")]
    return 200, headers, content


def head(reader):
    """读一个头部:方法、目标、字段;客户走了是 None。"""
    line = reader.readline(65_536)
    if not line:
        return None
    match = re.fullmatch(rb"([A-Z]+) (/[^ ]*) HTTP/1\.1\r\n", line)
    fields = {}
    while (line := reader.readline(65_536)) not in (b"\r\n", b""):
        field = re.fullmatch(rb"([!-9;-~]+):[ \t]*([^\0\r\n]*?)[ \t]*\r\n", line)
        if not field or field[1].lower() in fields:
            raise Bad
        fields[field[1].lower()] = field[2]
    if not match or b"host" not in fields and FLAW != "no_host":
        raise Bad
    return match[1], match[2], fields


def serve(client):
    """一条连接。"""
    client.settimeout(PATIENCE)
    reader = client.makefile("rb")
    close = False
    while not close:
        try:
            request = head(reader)
            if request is None:
                break
            method, target, fields = request
            body(reader, fields)
            close = fields.get(b"connection", b"").lower() == b"close" and FLAW != "never_closes"
            status, headers, content = answer(method, target, fields)
        except Bad:
            method, status, headers, content, close = b"", 400, [], b"", True
        lines = [b"HTTP/1.1 %d %s" % (status, REASONS[status].encode()), *headers]
        if status != 304:
            lines.append(b"Content-Length: %d" % len(content))
        if method == b"HEAD" and FLAW != "head_with_body":
            content = b""
        client.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + content)
    client.shutdown(socket.SHUT_WR)
    while client.recv(65_536):
        pass


def quietly(client):
    """客户出的错只影响他自己。"""
    with client:
        try:
            serve(client)
        except OSError:
            pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    while True:
        threading.Thread(target=quietly, args=(listener.accept()[0],), daemon=True).start()


main()
