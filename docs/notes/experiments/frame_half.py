"""recv(4) 的意思是“最多 4 个”。头分两次到,就只收到半个头。"""
import socket
import struct

frame = struct.pack("!I", 5) + b"hello"


def read_exact(sock, size):
    """不多不少收 size 字节。"""
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError("帧没有收完,对方就关了")
        data += more
    return data


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server, _ = listener.accept()
with client, server:
    server.settimeout(2)
    client.sendall(frame[:2])  # 慢速的对端:先来半个头
    half = server.recv(4)
    print("recv(4):", half.hex(" "), "——只有", len(half), "字节")
    client.sendall(frame[2:4] + frame[4:6])
    head = half + read_exact(server, 4 - len(half))
    size = struct.unpack("!I", head)[0]
    client.sendall(frame[6:])
    print("长度:", size, "内容:", read_exact(server, size))
