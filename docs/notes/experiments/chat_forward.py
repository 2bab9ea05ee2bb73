"""只会转发 recv() 的聊天室:一次接收当作一句话,加上昵称,发给别人。"""
import socket


def connection():
    """一条回环上的连接:成员的一头,服务器的一头。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        member = socket.create_connection(listener.getsockname(), timeout=2)
        server, _ = listener.accept()
    server.settimeout(2)
    return member, server


def naive(name, server):
    """收一次,当作一句。"""
    return f"{name}:".encode() + server.recv(1024)


def careful(name, server, buffer):
    """收一次,攒着;够一行才取出来,加上昵称。"""
    *lines, buffer[name] = (buffer.get(name, b"") + server.recv(1024)).split(b"\n")
    return b"".join(f"{name}:".encode() + line + b"\n" for line in lines)


def play(title, forward):
    """甲的一句分两段到,乙在中间插了一句;甲再连说两句。看丙听到哪几行。"""
    (a, from_a), (b, from_b), (c, to_c) = connection(), connection(), connection()
    for member, server, name, piece in (
        (a, from_a, "甲", "明天"),
        (b, from_b, "乙", "好\n"),
        (a, from_a, "甲", "不去\n"),
        (a, from_a, "甲", "周五去\n周六回\n"),
    ):
        member.sendall(piece.encode())
        to_c.sendall(forward(name, server))
    to_c.close()
    heard = b"".join(iter(lambda: c.recv(1024), b"")).decode()
    print(f"{title},丙听到:", heard.splitlines())
    for stream in (a, from_a, b, from_b, c):
        stream.close()


buffer = {}
play("收到就转发", naive)
play("够一行才转发", lambda name, server: careful(name, server, buffer))
