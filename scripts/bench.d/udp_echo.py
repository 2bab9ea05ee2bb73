"""UDP 回声,Python 的写法:recvfrom 与 sendto 的循环。由 scripts/bench udp 运行。"""

import socket


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    print("监听 %s:%d" % server.getsockname(), flush=True)
    # 每次 recvfrom 都按这个数分配内存:写 65535 会慢一些,对 Python 不公平。
    while True:
        data, peer = server.recvfrom(2048)
        server.sendto(data, peer)


main()
