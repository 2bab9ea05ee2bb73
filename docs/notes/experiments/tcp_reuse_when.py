"""Linux:SO_REUSEADDR 什么时候设才算数。"""
import errno
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去


def reuse(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def leave(when):
    """上一次运行:在 when 时设选项,服务一位,先关。返回地址。"""
    with socket.socket() as listener:
        if when == "bind 之前":
            reuse(listener)
        listener.bind(("127.0.0.1", 0))
        if when == "bind 之后":
            reuse(listener)
        listener.listen()
        client = socket.create_connection(listener.getsockname())
        if when == "有人连上之后":
            reuse(listener)
        server = listener.accept()[0]
        server.close()
        client.recv(1)
        client.close()
        return listener.getsockname()


def bind(sock, address):
    try:
        sock.bind(address)
        return "可以"
    except OSError as error:
        return errno.errorcode[error.errno]


for when in ("bind 之前", "bind 之后", "有人连上之后"):
    address = leave(when)
    with socket.socket() as sock:
        reuse(sock)
        print(f"上一次在 {when} 设,这一次在 bind 之前设:{bind(sock, address)}")

address = leave("bind 之前")
with socket.socket() as sock:
    first = bind(sock, address)
    reuse(sock)
    print(f"这一次先 bind:{first};设了,再 bind:{bind(sock, address)}")
