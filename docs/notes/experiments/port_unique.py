"""不能重复的是(协议, 地址, 端口)这三样合在一起,不是端口本身。"""
import errno
import socket

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
opened = []


def bind(title, kind, host, port):
    """再开一个套接字绑定到 host:port,说明成功还是失败。"""
    sock = socket.socket(socket.AF_INET, kind)
    opened.append(sock)  # 留着不关
    try:
        sock.bind((host, port))
        print(f"{title}:可以")
    except OSError as error:
        print(f"{title}:{errno.errorcode[error.errno]}")
    return sock.getsockname()[1]


port = bind("TCP 127.0.0.1", TCP, "127.0.0.1", 0)
bind("UDP 127.0.0.1,同一端口", UDP, "127.0.0.1", port)
bind("UDP 127.0.0.2,同一端口", UDP, "127.0.0.2", port)
bind("UDP 127.0.0.1,同一端口,再来一次", UDP, "127.0.0.1", port)
bind("UDP 0.0.0.0,同一端口", UDP, "0.0.0.0", port)
for sock in opened:
    sock.close()
