"""Linux:关闭以后,哪一头留在 TIME-WAIT,还要多少秒。"""
import math
import socket
import struct
import time

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

TIME_WAIT = "06"


def rest(local, remote):
    """这一对端点在 /proc/net/tcp 里是 TIME-WAIT,还剩几秒;没有就是 None。"""
    words = ["%08X:%04X" % (int.from_bytes(socket.inet_aton(ip), "little"), port) for ip, port in (local, remote)]
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            fields = line.split()
            if fields[1:4] == [*words, TIME_WAIT]:
                return int(fields[5].split(":")[1], 16) / 100  # 单位是百分之一秒
    return None


def side(name, local, remote):
    """说一头的情形。"""
    seconds = rest(local, remote)
    return f"{name} {'没有' if seconds is None else f'还剩 {math.ceil(seconds)} 秒'}"


def close_all(title, how):
    """建一条连接,按 how 关掉,看两头。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=2)
        server = listener.accept()[0]
    server.settimeout(2)
    ends = client.getsockname(), server.getsockname()
    how(client, server)
    client.close()
    server.close()
    time.sleep(0.1)
    print(f"{title}:{side('客户端', *ends)},{side('服务器', *ends[::-1])}")


def client_first(client, server):
    client.close()
    server.recv(1)


def server_first(client, server):
    server.close()
    client.recv(1)


def reset(client, _):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


close_all("客户端先关", client_first)
close_all("服务器先关", server_first)
close_all("客户端发 RST", reset)
