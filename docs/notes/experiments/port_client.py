"""客户端自己绑一个固定端口,会怎样。"""
import errno
import socket


def connect(server, source=None):
    """连到服务器;source 是客户端自己要绑的端口。"""
    client = socket.socket()
    try:
        client.bind(("127.0.0.1", source or 0))
        client.connect(server)
        return client, "连上"
    except OSError as error:
        client.close()
        return None, errno.errorcode[error.errno]


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = listener.getsockname()

    free = [connect(server)[0] for _ in range(3)]
    print("不绑端口的三个客户端,端口各不相同:", len({c.getsockname() for c in free}) == 3)

    fixed = free[0].getsockname()[1]
    print("第二个客户端绑第一个的端口:", connect(server, fixed)[1])

    for client in free:
        client.close()  # 客户端先关:TIME_WAIT 留在客户端这一头
        listener.accept()[0].close()
    print("第一个关掉以后马上再绑:", connect(server, fixed)[1])
