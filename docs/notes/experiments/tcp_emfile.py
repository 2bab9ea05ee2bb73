"""Unix:同时服务几个客户,真正的上限是描述符。用完了,accept 出错,客户还在排队。"""
import errno
import os
import resource
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

COUNT = 20
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.settimeout(2)
    clients = [socket.create_connection(listener.getsockname(), timeout=2) for _ in range(COUNT)]
    free = os.dup(0)  # 下一个空着的编号
    os.close(free)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 8, hard))  # 只许再开 8 个
    servers = []
    try:
        while True:
            servers.append(listener.accept()[0])
    except OSError as error:
        print(f"{COUNT} 个客户都连上了,accept 到第 {len(servers)} 个以后:{errno.errorcode[error.errno]}")
    servers.pop().close()
    servers.append(listener.accept()[0])
    print("关掉一个,又能 accept 一个")
