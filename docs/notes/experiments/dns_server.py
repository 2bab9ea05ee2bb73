"""一个小的 DNS 服务器:只管自己的几个域名,有几个域名的回答故意不寻常。"""
import ipaddress
import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
ZONE = {  # (域名, 类型) 对应一串内容;地址都是写文档用的(RFC 5737、RFC 3849)
    ("www.example.test", "A"): ["192.0.2.1"],
    ("www.example.test", "AAAA"): ["2001:db8::1"],
    ("shop.example.test", "A"): ["192.0.2.1"],
    ("two.example.test", "A"): ["192.0.2.2", "192.0.2.3"],
    ("blog.example.test", "CNAME"): ["www.example.test"],
    ("example.test", "NS"): ["ns1.example.test"],
    ("example.test", "MX"): ["10 mail.example.test", "20 backup.example.test"],
    ("example.test", "TXT"): ["你好"],
    ("xn--fiq228c.test", "A"): ["192.0.2.4"],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["www.example.test"],
    ("many.example.test", "A"): [f"192.0.2.{n}" for n in range(1, 201)],
    ("tcp.example.test", "A"): ["192.0.2.9", "192.0.2.10"],  # UDP 上总说装不下
    ("lost.example.test", "A"): ["192.0.2.5"],  # 第一遍不答
    ("spoof.example.test", "A"): ["192.0.2.6"],  # 先来一个冒充的
    ("loop.example.test", "A"): ["192.0.2.7"],  # 指针指向自己
    ("silent.example.test", "A"): ["192.0.2.8"],  # 从来不答
}
POINTER = b"\xc0\x0c"  # 指向第 12 字节:问题里的域名


def labels(name):
    """不压缩的域名。"""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def content(kind, text):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(text).packed
    if kind == "TXT":
        return bytes([len(text.encode())]) + text.encode()
    if kind == "MX":
        preference, name = text.split()
        return struct.pack("!H", int(preference)) + labels(name)
    return labels(text)


def record(owner, kind, text):
    data = content(kind, text)
    return owner + struct.pack("!HHIH", TYPES[kind], 1, 300, len(data)) + data


def read(query):
    """问题里的域名、类型,和问题那一段的字节。"""
    at, parts = 12, []
    while length := query[at]:
        parts.append(query[at + 1:at + 1 + length].decode().lower())
        at += 1 + length
    number = struct.unpack_from("!H", query, at + 1)[0]
    kind = next((name for name, one in TYPES.items() if one == number), str(number))
    return ".".join(parts), kind, query[12:at + 5]


def answer(query):
    """整个回答。"""
    name, kind, question = read(query)
    owner = bytes([0xC0, 12 + len(question)]) if name.startswith("loop.") else POINTER
    records = [record(owner, kind, text) for text in ZONE.get((name, kind), [])]
    for target in ZONE.get((name, "CNAME"), []):
        records.append(record(POINTER, "CNAME", target))
        records += [record(labels(target), kind, text) for text in ZONE.get((target, kind), [])]
    known = any(name == one for one, _ in ZONE)
    flags = 0x8580 if known else 0x8583  # 回答、权威、递归;最低 4 位是返回码,3 是没有这个域名
    return query[:2] + struct.pack("!5H", flags, 1, len(records), 0, 0) + question + b"".join(records)


def over_tcp(listener):
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            length = struct.unpack("!H", stream.read(2))[0]
            reply = answer(stream.read(length))
            connection.sendall(struct.pack("!H", len(reply)) + reply)


host, port = sys.argv[1].rsplit(":", 1)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((host, int(port)))
tcp = socket.create_server(udp.getsockname())
threading.Thread(target=over_tcp, args=(tcp,), daemon=True).start()
print("监听 %s:%d" % udp.getsockname(), flush=True)
asked = set()
while True:
    query, peer = udp.recvfrom(65535)
    reply = answer(query)
    name = read(query)[0]
    if name.startswith("silent.") or (name.startswith("lost.") and name not in asked):
        asked.add(name)
        continue
    if name.startswith("spoof."):  # 编号猜错了一个
        wrong = struct.pack("!H", (query[0] << 8 | query[1]) ^ 1) + reply[2:-4] + bytes([198, 51, 100, 66])
        udp.sendto(wrong, peer)
    if len(reply) > 1232 or name.startswith("tcp."):  # 装不下:只给头和问题,TC 置 1
        reply = reply[:2] + struct.pack("!5H", 0x8780, 1, 0, 0, 0) + read(query)[2]
    udp.sendto(reply, peer)
