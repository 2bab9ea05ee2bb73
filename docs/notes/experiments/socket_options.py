"""getsockopt 和 setsockopt:选项是内核里的开关。"""
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
    kind = udp.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
    print("SO_TYPE 是 SOCK_DGRAM:", kind == socket.SOCK_DGRAM)
    before = udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    print("接收缓冲 SO_RCVBUF:", before, "字节")
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # 内核可以不完全照办
    after = udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    print("要 8192 字节,得到:", after, "字节")
