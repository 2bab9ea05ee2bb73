"""只用标准库的 DNS 客户端:`地址 [--type T] [--flaw 毛病]`,域名从标准输入读。

毛病是学生常犯的错,检查应当认得出来;不写就是没有毛病。
"""

import argparse
import ipaddress
import secrets
import socket
import struct
import sys

import options

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
CODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


class Malformed(Exception):
    pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address", type=options.address)
    parser.add_argument("--type", default="A")
    parser.add_argument("--flaw", default="")
    args = parser.parse_args()
    name = input("请输入域名:").strip()
    if args.type == "PTR" and args.flaw != "ptr-forward":
        name = ipaddress.ip_address(name).reverse_pointer
    try:
        rcode, answers = Client(args.address, args.flaw).ask(name, TYPES[args.type])
    except (Malformed, OSError) as error:
        sys.exit(f"错误:{error}")
    print(*answers, sep="\n")
    if rcode and args.flaw == "one-message":
        sys.exit("没有这个域名")
    if rcode and args.flaw != "ignores-rcode":
        sys.exit(f"错误:{CODES.get(rcode, rcode)}")
    if not answers and args.flaw != "ignores-rcode":
        sys.exit("没有这个域名" if args.flaw == "one-message" else "没有这一类记录")


class Client:
    def __init__(self, address, flaw):
        self.address, self.flaw = address, flaw

    def ask(self, name, kind):
        edns = self.flaw != "no-edns"
        tries = 1 if self.flaw == "no-retry" else 3
        while tries:
            tries -= 1
            identity = 7 if self.flaw == "fixed-id" else secrets.randbelow(65536)
            query = self.encode(identity, name, kind, edns)
            reply = self.udp(query)
            if reply is None:
                continue
            flags = struct.unpack_from("!H", reply, 2)[0]
            if flags & 15 in (1, 4) and edns and self.flaw != "keeps-edns":
                edns = False
                continue
            if flags & 0x0200 and self.flaw != "no-tcp":
                reply = self.tcp(query)
            return self.decode(reply)
        raise Malformed("没有回答")

    def encode(self, identity, name, kind, edns):
        labels = [label.encode() for label in name.split(".")]
        size = (lambda label: 3) if self.flaw == "fixed-length" else len
        question = b"".join(bytes([size(label)]) + label for label in labels) + struct.pack("!BHH", 0, kind, 1)
        opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0) if edns else b""
        flags = 0 if self.flaw == "no-rd" else 0x0100
        return struct.pack("!6H", identity, flags, 1, 0, 0, int(edns)) + question + opt

    def udp(self, query):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.3)
            if self.flaw == "fixed-port":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(("127.0.0.1", 31999))
            if self.flaw != "unconnected":
                sock.connect(self.address)
            sock.sendto(query, self.address) if self.flaw == "unconnected" else sock.send(query)
            while True:
                try:
                    reply = sock.recv(512 if self.flaw == "small-buffer" else 65535)
                except TimeoutError:
                    return None
                if self.matches(query, reply):
                    return reply

    def matches(self, query, reply):
        if self.flaw == "takes-anything":
            return True
        if len(reply) < 12:
            return False
        if self.flaw != "ignores-id" and reply[:2] != query[:2]:
            return False
        if self.flaw != "ignores-qr" and not reply[2] & 0x80:
            return False
        end = query.index(0, 12) + 5
        asked = reply[12:end].lower() == query[12:end].lower() or reply[4:6] == b"\0\0"
        return asked or self.flaw == "ignores-question"

    def tcp(self, query):
        with socket.create_connection(self.address, 5) as sock:
            sock.sendall(struct.pack("!H", len(query)) + query)
            if self.flaw == "one-recv":
                return sock.recv(65535)[2:]
            with sock.makefile("rb") as stream:
                (length,) = struct.unpack("!H", stream.read(2))
                reply = stream.read(length)
        if len(reply) < length and self.flaw != "takes-half":
            raise Malformed("连接断在半路")
        return reply

    def decode(self, reply):
        try:
            return self.records(reply)
        except (struct.error, IndexError, ValueError) as error:
            if self.flaw in ("takes-half", "forgives"):
                return 0, self.found
            raise Malformed(f"回答看不懂:{error}") from None

    def records(self, reply):
        _, flags, questions, answers, _, _ = struct.unpack_from("!6H", reply)
        at, self.found = 12, []
        for _ in range(questions):
            at = self.name(reply, at)[1] + 4
        for _ in range(1 if self.flaw == "first-only" else answers):
            at = self.name(reply, at)[1]
            kind, _, _, length = struct.unpack_from("!HHIH", reply, at)
            if at + 10 + length > len(reply):
                raise ValueError("内容不完整")
            self.found.append(self.data(reply, at + 10, kind, length))
            at += 10 + length
        return flags & 15, self.found

    def name(self, reply, at):
        if self.flaw == "no-pointers":
            end = reply.index(0, at) + 1
            return reply[at:end].decode("ascii", "replace"), end
        labels, after, jumps = [], None, 0
        while length := reply[at]:
            if length < 64:
                label = reply[at + 1:at + 1 + length]
                labels.append(label.decode("latin-1") if self.flaw == "raw" else shown(label, "."))
                at += 1 + length
                continue
            after = after or at + 2
            at = struct.unpack_from("!H", reply, at)[0] & 0x3FFF
            jumps += 1
            if jumps > 100 and self.flaw != "loops":
                raise ValueError("指针绕成圈")
        return ".".join(labels), after or at + 1

    def data(self, reply, at, kind, length):
        content = reply[at:at + length]
        if kind == 1:
            return str(ipaddress.IPv4Address(content))
        if kind == 28:
            return str(ipaddress.IPv6Address(content))
        if kind in (2, 5, 12):
            return self.name(reply, at)[0]
        if kind == 15:
            source = content if self.flaw == "local-pointers" else reply
            start = 2 if self.flaw == "local-pointers" else at + 2
            return f"{content[0] << 8 | content[1]} {self.name(source, start)[0]}"
        if kind == 6:
            server, at = self.name(reply, at)
            mailbox, at = self.name(reply, at)
            return f"{server} {mailbox} {struct.unpack_from('!5I', reply, at)}"
        return content.decode("latin-1") if self.flaw == "raw" else shown(content)


def shown(content, escaped=""):
    text = content.decode("latin-1")
    return "".join(f"\\{ord(c):03}" if not c.isprintable() else "\\" + c if c in escaped else c for c in text)


main()
