"""没有 connect 的套接字谁的报文都收;connect 过的只收对方的。"""
import socket


def udp():
    """绑定在回环地址上的 UDP 套接字,端口由系统挑。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(2)
    return sock


for connected in (False, True):
    with udp() as client, udp() as server, udp() as stranger:
        if connected:
            client.connect(server.getsockname())
            client.send(b"question")
        else:
            client.sendto(b"question", server.getsockname())
        _, asker = server.recvfrom(1024)
        stranger.sendto(b"spoofed answer", asker)  # 陌生人抢先
        server.sendto(b"real answer", asker)
        print(f"{'已' if connected else '未'} connect,收到的第一个回答:", client.recv(1024))
