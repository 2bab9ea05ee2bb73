"""服务器先关连接,然后马上重启:SO_REUSEADDR 要新旧两次都设才有用(Linux)。"""
import errno
import socket


def start(listener, port, reuse):
    """绑定并监听;reuse 决定设不设 SO_REUSEADDR。"""
    if reuse:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener.getsockname()


def serve_once(reuse, server_first):
    """服务一位客户后全部关闭,返回用过的端口。"""
    with socket.socket() as listener:
        address = start(listener, 0, reuse)
        client = socket.create_connection(address, timeout=2)
        server, _ = listener.accept()
        first, second = (server, client) if server_first else (client, server)
        first.close()  # 主动关闭的一方留下 TIME_WAIT
        second.recv(1)
        second.close()
    return address[1]


def restart(port, reuse):
    """再开一次,说明成败。"""
    with socket.socket() as listener:
        try:
            start(listener, port, reuse)
            return "可以"
        except OSError as error:
            return errno.errorcode[error.errno]


for old in (False, True):
    for new in (False, True):
        result = restart(serve_once(old, server_first=True), new)
        print(f"服务器先关;旧的{'已' if old else '未'}设,新的{'已' if new else '未'}设:{result}")
print("客户端先关;新旧都未设:", restart(serve_once(False, server_first=False), False))
