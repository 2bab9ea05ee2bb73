"""可靠传输与 Python 互通:照讲义的报文格式另写一遍,两边各当一次发送方和接收方,中间也使坏。"""

import os
import random
import struct
import tempfile
import time
import unittest
import zlib
from pathlib import Path

from support import PATIENCE, InteropTest, host_port

OPEN, DATA, FIN, PROBE, ACK, DONE, REFUSED = range(7)
HEADER = struct.Struct("!2sBBIIIIH")  # 开头、版本、种类、会话、编号、时刻、校验和、窗口
CHUNK = 1200


def encode(kind, session, number, content=b"", stamp=0, window=0):
    """写一个报文。"""
    fields = (b"RU", 1, kind, session, number, stamp)
    checksum = zlib.crc32(HEADER.pack(*fields, 0, window) + content)
    return HEADER.pack(*fields, checksum, window) + content


def decode(datagram):
    """读一个报文:(种类, 会话, 编号, 时刻, 窗口, 内容);坏的是 None。"""
    if len(datagram) < HEADER.size:
        return None
    magic, version, kind, session, number, stamp, checksum, window = HEADER.unpack_from(datagram)
    content = datagram[HEADER.size:]
    if magic != b"RU" or version != 1 or encode(kind, session, number, content, stamp, window) != datagram:
        return None
    return kind, session, number, stamp, window, content


class Reliable(InteropTest):
    """我们发 Python 收,Python 发我们收。"""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.random = random.Random(16)

    def source(self, length):
        """一个要传的文件。"""
        path = self.folder / f"{length}.bin"
        path.write_bytes(self.random.randbytes(length))
        return path

    def receive_file(self, sock, keep_early, loss):
        """Python 当接收方:收完一个文件,返回 (文件名, 内容)。`loss` 是来去各丢的比例。"""
        pieces, expected, name, end = {}, 0, None, None
        deadline = time.monotonic() + 6 * PATIENCE
        while time.monotonic() < deadline:
            datagram, peer = self.receive(sock, "客户端应当还在发")
            packet = decode(datagram)
            self.assertIsNotNone(packet, f"读不懂客户端的报文:{datagram[:40].hex()}")
            kind, session, number, stamp, _, content = packet
            if self.random.random() < loss:
                continue
            if kind == OPEN:
                size, name = struct.unpack("!Q", content[1:9])[0], content[9:].decode()
            if kind == FIN:
                end = number
            if kind in (OPEN, DATA, FIN) and (keep_early or number == expected):
                pieces[number] = content
            while expected in pieces:
                expected += 1
            if end is not None and expected > end:
                whole = b"".join(pieces[number] for number in range(1, end))
                self.assertEqual(len(whole), size, "长度应当是开始时说的")
                self.assertEqual(pieces[end], struct.pack("!I", zlib.crc32(whole)), "结束时的 CRC-32 不对")
                sock.sendto(encode(DONE, session, 0), peer)
                return name, whole
            bits = 0
            for early in (number for number in pieces if number > expected):
                bits |= 1 << (early - expected - 1)
            bitmap = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
            if self.random.random() >= loss:
                sock.sendto(encode(ACK, session, expected, bitmap, stamp, 64), peer)
        self.fail("等了太久,文件也没有传完")

    def test_our_sender_python_receiver(self):
        for mode in ("stop-and-wait", "go-back-n", "selective-repeat"):
            for loss in (0, 0.2):
                with self.subTest(mode=mode, loss=loss):
                    sock = self.udp()
                    path = self.source(20_000)
                    client = self.course("udp-reliable", "client", host_port(sock), path, "--mode", mode)
                    name, whole = self.receive_file(sock, mode == "selective-repeat", loss)
                    self.assertEqual((name, whole == path.read_bytes()), (path.name, True), "文件应当一样")
                    self.assertQuiet(client, "对方收好了")

    def send_file(self, address, name, content, loss):
        """Python 当发送方,停等:返回对方的结局(种类, 内容)。"""
        sock = self.udp()
        sock.settimeout(0.05)
        session = self.random.getrandbits(32)
        chunks = [content[at:at + CHUNK] for at in range(0, len(content), CHUNK)]
        opening = b"\0" + struct.pack("!Q", len(content)) + name.encode()
        queue = [(OPEN, opening), *((DATA, chunk) for chunk in chunks)]
        queue.append((FIN, struct.pack("!I", zlib.crc32(content))))
        number = 0
        deadline = time.monotonic() + 6 * PATIENCE
        while time.monotonic() < deadline:
            kind, piece = queue[number] if number < len(queue) else (PROBE, b"")
            stamp = time.monotonic_ns() // 1000 & 0xFFFFFFFF
            if self.random.random() >= loss:
                sock.sendto(encode(kind, session, number, piece, stamp), address)
            try:
                answer = decode(sock.recv(2048))
            except TimeoutError:
                continue
            self.assertIsNotNone(answer, "读不懂服务器的报文")
            if self.random.random() < loss:
                continue
            kind, came, confirmed, echoed, _, rest = answer
            self.assertEqual(came, session, "会话应当是我们的")
            if kind in (DONE, REFUSED):
                return kind, rest
            self.assertEqual(kind, ACK, "传的时候应当只回确认")
            if confirmed == number + 1:
                self.assertLessEqual(echoed, stamp, "带回的时刻应当是我们发过的")
                number = confirmed
        self.fail("等了太久,文件也没有传完")

    def test_python_sender_our_receiver(self):
        root = self.folder / "received"
        root.mkdir()
        server, address = self.server("udp-reliable", "server", "127.0.0.1:0", "--root", root)
        for length, loss in ((0, 0), (1, 0), (CHUNK, 0), (30_001, 0.2)):
            with self.subTest(length=length, loss=loss):
                content = self.random.randbytes(length)
                outcome, _ = self.send_file(address, f"从 Python 来 {length}", content, loss)
                self.assertEqual(outcome, DONE, "服务器应当收好")
                self.assertEqual((root / f"从 Python 来 {length}").read_bytes(), content, "文件应当一样")
        self.assertEqual(len(os.listdir(root)), 4, "不应当留下临时文件")
        server.signal(2)
        self.assertQuiet(server, "按 Ctrl-C")

    def test_the_outcome_is_told_again(self):
        root = self.folder / "received"
        root.mkdir()
        _, address = self.server("udp-reliable", "server", "127.0.0.1:0", "--root", root)
        sock = self.udp()
        opening = (OPEN, 0, b"\0" + struct.pack("!Q", 0) + b"empty")
        last = (FIN, 1, struct.pack("!I", 0))

        def ask(kind, number, content, unwanted=None):
            """发一个报文,返回下一个不是 `unwanted` 的回答的种类。"""
            sock.sendto(encode(kind, 7, number, content), address)
            answer = unwanted
            while answer == unwanted:
                answer = decode(self.receive(sock, "服务器应当回答")[0])[0]
            return answer

        self.assertEqual(ask(*opening), ACK, "开始应当得到确认")
        # 「收好了」可能丢了:再来的结束、询问、甚至迟到的开始,都要得到同样的结局,不能当成新的传输。
        for again in (last, last, (PROBE, 2, b""), opening):
            self.assertEqual(ask(*again, unwanted=ACK), DONE, f"种类 {again[0]} 应当得到同样的结局")
        self.assertEqual(os.listdir(root), ["empty"])

    def test_lies_are_refused_and_leave_nothing(self):
        root = self.folder / "received"
        root.mkdir()
        _, address = self.server("udp-reliable", "server", "127.0.0.1:0", "--root", root)
        for name in ("../逃", "/tmp/逃", "a/b", "a\\b", ".隐藏", "", "CON", "x" * 256):
            self.assertEqual(self.send_file(address, name, b"x", 0), (REFUSED, b"\x01"), f"文件名 {name!r} 不该收")
        self.assertEqual(os.listdir(root), [], "什么也不应当留下")
        self.assertEqual(os.listdir(self.folder), ["received"], "也不应当写到外面")

    def test_garbage_does_not_stop_the_server(self):
        root = self.folder / "received"
        root.mkdir()
        _, address = self.server("udp-reliable", "server", "127.0.0.1:0", "--root", root)
        noise = self.udp()
        for length in range(0, 3000, 7):
            noise.sendto(self.random.randbytes(length), address)
        session = 9
        # 校验和都对、先后和内容乱来的报文。
        for _ in range(2000):
            kind = self.random.choice((DATA, FIN, PROBE, ACK, DONE, REFUSED, 7, 255))
            content = self.random.randbytes(self.random.randrange(40))
            noise.sendto(encode(kind, session, self.random.getrandbits(32), content), address)
        outcome, _ = self.send_file(address, "之后", b"still here", 0)
        self.assertEqual(outcome, DONE, "收过乱七八糟的以后,应当还能收文件")


if __name__ == "__main__":
    unittest.main()
