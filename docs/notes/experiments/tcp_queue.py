"""Linux:不 accept,listen(n) 能完成几次握手;排不上的等到什么时候。"""
import select
import socket
import struct
import time

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

SOMAXCONN = int(open("/proc/sys/net/core/somaxconn", encoding="ascii").read())


def listening(backlog):
    """监听,但先不 accept。"""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(backlog)
    return listener


def queue(listener):
    """监听套接字的 TCP_INFO:排着几个,上限是几(tcpi_unacked、tcpi_sacked)。"""
    return struct.unpack_from("II", listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 24)


def call(listener):
    """开始连,不等结果。"""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    return client


def connected(clients, seconds):
    """过 seconds 秒,哪些连上了。"""
    return select.select([], clients, [], seconds)[1]


for backlog in (0, 1, 5, 128):
    with listening(backlog) as listener:
        clients = [call(listener) for _ in range(backlog + 3)]
        time.sleep(0.1)
        done = connected(clients, 0)
        waiting, limit = queue(listener)
        print(f"listen({backlog}):{len(clients)} 个来连,连上 {len(done)} 个,排着 {waiting} 个,上限 {limit}")
        for client in clients:
            client.close()

with listening(1_000_000) as listener:
    print("listen(1000000) 的上限就是 somaxconn:", queue(listener)[1] == SOMAXCONN)

with listening(0) as listener:
    start = time.monotonic()
    first, second = call(listener), call(listener)
    print("队列满,第二个连上了:", second in connected([second], 0.3))
    listener.accept()[0].close()  # 取走一个,队列空出来
    print("空出来以后,第二个马上连上:", second in connected([second], 0.3))
    connected([second], 5)
    waited = time.monotonic() - start
    print("等它重传 SYN(1 秒左右)才连上:", 0.9 < waited < 2)
    first.close()
    second.close()
