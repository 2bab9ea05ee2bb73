"""要一个大文件,收了头就停下;按回车接着收。用法:web_slow.py 127.0.0.1:8080 /路径"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=30) as stream, stream.makefile("rb") as source:
    stream.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = source.readline().split()[1].decode()
    length = None
    while (line := source.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    print(f"收到 {status} 的头,正文 {length} 字节,停下不收了", flush=True)
    input()
    try:
        total = 0
        while data := source.read1(65536):
            total += len(data)
        print(f"收到 {total} 字节,{'收齐了' if total == length else '断在半路'}")
    except OSError:
        print(f"收到 {total} 字节,被复位了")
