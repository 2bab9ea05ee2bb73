"""自己拼帧的客户端:运行一个命令,把每一帧照原样打印出来。用法:stream_frames.py 地址 命令 [标准输入]"""
import socket
import struct
import sys

NAMES = {16: "你好", 17: "标准输出", 18: "标准错误", 19: "用掉", 20: "目录", 21: "结束", 22: "出错"}


def exactly(stream, size):
    data = b""
    while len(data) < size:
        chunk = stream.recv(size - len(data))
        if not chunk:
            raise SystemExit("断了")
        data += chunk
    return data


def receive(stream):
    (length,) = struct.unpack(">I", exactly(stream, 4))
    return exactly(stream, length)


def frame(kind, content=b""):
    body = bytes([kind]) + content
    sent = struct.pack(">I", len(body)) + body
    print("发", sent.hex(" "))
    return sent


address, line, *typed = sys.argv[1:]
host, port = address.rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=10) as stream:
    body = receive(stream)
    print("收", NAMES[body[0]], "版本", body[1], "编码", body[3:3 + body[2]].decode())
    frames = frame(1, bytes([len(typed)]) + line.encode())
    for text in typed:
        frames += frame(2, text.encode()) + frame(3)
    stream.sendall(frames)
    while body[0] not in (21, 22):
        body = receive(stream)
        print("收", len(body).to_bytes(4, "big").hex(" "), body.hex(" "), NAMES[body[0]])
