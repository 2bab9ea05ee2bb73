"""三次握手与四次挥手:在回环接口上抓包,与讲义「三次握手与四次挥手」里的三张表逐格比较。

表从讲义里读,所以讲义写错一个数、内核变了一种做法,这里都会知道。
还有两段要自己的网络空间的实验(讲义「监听队列」「TIME_WAIT」),输出也从讲义里读。
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from support import ENVIRONMENT, PATIENCE, WORKSPACE, InteropTest, missing, need, python, until

NOTES = WORKSPACE / "docs/notes"
NOTE = NOTES / "三次握手与四次挥手.md"

# 每个报文段要的字段;seq 和 ack 要原样的 32 位,不要 Wireshark 从 0 数起的。
FIELDS = ["tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.len"]

# 标志的位(RFC 9293 §3.1);PSH 只是催促,不比较。
FLAGS = [("SYN", 0x02), ("FIN", 0x01), ("RST", 0x04), ("ACK", 0x10)]

# TCP_INFO 的第一个字节是状态(linux/tcp.h、tcp_states.h)。
FIN_WAIT_2 = 5
# 发送缓冲里还没有被确认的字节数(tcp(7) 的 SIOCOUTQ)。
SIOCOUTQ = 0x5411


def table(first_column):
    """讲义里第一栏叫 `first_column` 的那张表,一行一个列表。"""
    lines = NOTE.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first_column} |"))
    rows = []
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


class Segment:
    """抓到的一个报文段。"""

    def __init__(self, source, target, flags, seq, ack, length):
        self.source, self.target = int(source), int(target)
        bits = int(flags, 16)
        self.flags = "+".join(name for name, bit in FLAGS if bits & bit)
        self.seq, self.ack, self.length = int(seq), int(ack or 0), int(length)

    def __repr__(self):
        return f"{self.source}→{self.target} {self.flags} seq={self.seq} ack={self.ack} len={self.length}"


class Capture:
    """抓几个 TCP 端口上的报文段,只留每个的前 128 字节。"""

    def __init__(self, test, *ports):
        self.folder = Path(tempfile.mkdtemp(prefix="interop-handshake-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.file = self.folder / "wire.pcapng"
        wanted = " or ".join(f"tcp port {port}" for port in ports)
        self.program = test.start(
            ["tshark", "-q", "-n", "-i", "lo", "-s", "128", "-f", wanted, "-w", str(self.file)],
            stdin=subprocess.DEVNULL,
        )
        try:
            self.program.errors.wait(r"Capture started", "tshark 应当开始抓包")
        except AssertionError:
            missing(f"不能在回环接口上抓包:{self.program.errors.text()[-500:]}")

    def segments(self, last):
        """等到 `last`(一个端口)上有了报文,停下,给出全部。"""
        until(lambda: any(last in (s.source, s.target) for s in self.read()), "应当抓到最后一条连接")
        self.program.signal(signal.SIGINT)
        self.program.wait("tshark 应当停下")
        return self.read()

    def read(self):
        """读抓到的文件。"""
        fields = [word for field in FIELDS for word in ("-e", field)]
        result = subprocess.run(
            ["tshark", "-n", "-r", str(self.file), "-T", "fields", *fields],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE * 3,
        )
        return [Segment(*line.split("\t")) for line in result.stdout.decode().splitlines()]


def state(sock):
    """内核说这个套接字在哪个状态。"""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[0]


def acknowledged(sock):
    """等到发出的字节都被确认。"""

    def nothing_left():
        return struct.unpack("i", fcntl.ioctl(sock, SIOCOUTQ, bytes(4)))[0] == 0

    until(nothing_left, "发出的字节应当都被确认")


def send(source, target, size):
    """从一头发 size 字节,另一头收完;发一批收一批,免得缓冲满了互相等。"""
    while size:
        part = min(size, 50_000)
        source.sendall(bytes(part))
        size -= part
        while part:
            part -= len(target.recv(part))
    acknowledged(source)


class Handshake(InteropTest):
    """讲义的三张表。"""

    @classmethod
    def setUpClass(cls):
        need("tshark")

    def setUp(self):
        self.listener = self.sock()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.address = self.listener.getsockname()

    def sock(self):
        """一个有期限的套接字,测试结束时关掉。"""
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE)
        return sock

    def connection(self):
        """一条连接:客户端、服务器、客户端的端口。"""
        client = self.sock()
        client.connect(self.address)
        server, peer = self.listener.accept()
        self.addCleanup(server.close)
        server.settimeout(PATIENCE)
        return client, server, peer[1]

    def finish(self, capture):
        """最后一条连接是记号:抓到它,前面的就都抓到了。"""
        *_, port = self.connection()
        return [s for s in capture.segments(port) if port not in (s.source, s.target)]

    def talk(self, sizes, client_first, slowly=True):
        """客户端、服务器各发若干字节,再关。`slowly`:等 FIN 的确认到了,另一头才关。"""
        client, server, port = self.connection()
        send(client, server, sizes[0])
        send(server, client, sizes[1])
        first, second = (client, server) if client_first else (server, client)
        first.shutdown(socket.SHUT_WR)
        if slowly:
            until(lambda: state(first) == FIN_WAIT_2, "先关的一头应当到 FIN-WAIT-2")
        self.assertEqual(second.recv(1), b"", "另一头应当读到空")
        second.close()
        self.assertEqual(first.recv(1), b"", "先关的一头应当读到空")
        first.close()
        return port

    def number(self, cell, segments):
        """表里的 `x+6`、`y+3`:x 和 y 是两边 SYN 的序号,模 2 的 32 次方。"""
        name, plus = re.fullmatch(r"([xy])(?:\+(\d+))?", cell).groups()
        x, y = (s.seq for s in segments if "SYN" in s.flags)
        return ({"x": x, "y": y}[name] + int(plus or 0)) % 2**32

    def test_every_number_of_one_connection(self):
        capture = Capture(self, self.address[1])
        port = self.talk((5, 2), client_first=True)
        seen = self.finish(capture)
        rows = table("步")
        self.assertEqual(len(seen), len(rows), f"表有 {len(rows)} 行,抓到的是 {seen}")
        for (step, who, flags, seq, ack, length, _), segment in zip(rows, seen):
            with self.subTest(step=step):
                self.assertEqual(segment.source, port if who == "客户端" else self.address[1], "发送方")
                self.assertEqual(segment.flags, flags, "标志")
                self.assertEqual(segment.seq, self.number(seq, seen), "seq")
                self.assertEqual(segment.ack, 0 if ack == "–" else self.number(ack, seen), "ack")
                self.assertEqual(segment.length, int(length), "数据的字节数")

    def test_fin_for_any_length(self):
        rows = table("客户端发")
        capture = Capture(self, self.address[1])
        ports = [self.talk((int(row[0]), int(row[1])), row[2] == "客户端") for row in rows]
        seen = self.finish(capture)
        for row, port in zip(rows, ports):
            with self.subTest(row=row):
                sent = dict(zip("xy", map(int, row[:2])))
                first, second = "xy" if row[2] == "客户端" else "yx"
                formula = [f"{name}+{1 + sent[name] + one}" for name in (first, second) for one in (0, 1)]
                self.assertEqual(row[3:], formula, "表里的数应当合公式:FIN 的 seq = 初始序号 + 1 + 发过的字节数")
                segments = [s for s in seen if port in (s.source, s.target)]
                one, two = (s for s in segments if "FIN" in s.flags)
                self.assertEqual(one.source == port, first == "x", "第一个 FIN 应当由先关的一方发")
                fins = segments.index(one)
                answer = next(s for s in segments[fins:] if s.source == one.target)
                last = segments[-1]
                actual = [one.seq, answer.ack, two.seq, last.ack]
                self.assertEqual(actual, [self.number(cell, segments) for cell in row[3:]], f"{segments}")
                self.assertEqual(last.source, one.source, "最后的 ACK 应当由先关的一方发")

    def slowly(self):
        return self.talk((0, 0), client_first=True)

    def at_once(self):
        # 机器忙,两步之间过了延迟确认的 40 毫秒,就不算「马上」,换一条连接再做。
        def quick():
            start = time.monotonic()
            port = self.talk((0, 0), client_first=True, slowly=False)
            return port if time.monotonic() - start < 0.02 else None

        return until(quick, "应当有一次赶得上")

    def unread(self):
        client, server, port = self.connection()
        server.sendall(b"abc")
        acknowledged(server)
        client.close()
        return port

    def linger(self):
        client, _, port = self.connection()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        return port

    def said_after_close(self):
        client, server, port = self.connection()
        client.shutdown(socket.SHUT_WR)
        until(lambda: state(client) == FIN_WAIT_2, "FIN 应当得到确认")
        client.close()
        server.sendall(b"x")
        return port

    def nobody(self):
        client = self.sock()
        client.bind(("127.0.0.1", 0))
        with self.assertRaises(ConnectionRefusedError):
            client.connect(self.refusing)
        return client.getsockname()[1]

    def myself(self):
        self.alone.connect(self.alone.getsockname())
        self.alone.close()
        return self.alone_port

    def test_which_segments_end_it(self):
        self.alone, vacant = self.sock(), self.sock()
        for sock in (self.alone, vacant):
            sock.bind(("127.0.0.1", 0))
        self.alone_port = self.alone.getsockname()[1]
        self.refusing = vacant.getsockname()
        vacant.close()
        ways = {
            "对方过一会儿才关": self.slowly,
            "对方读到空，马上也关": self.at_once,
            "还有没收的字节就关": self.unread,
            "SO_LINGER 设为 0 再关": self.linger,
            "关了，对方又发 1 个字节": self.said_after_close,
            "连一个没有人的端口": self.nobody,
            "连到自己，再关": self.myself,
        }
        rows = dict(table("做法"))
        self.assertEqual(list(rows), list(ways), "讲义的做法和测试的做法应当一样")
        capture = Capture(self, self.address[1], self.alone_port, self.refusing[1])
        ports = {way: run() for way, run in ways.items()}
        seen = self.finish(capture)
        for way, port in ports.items():
            with self.subTest(way=way):
                segments = [s for s in seen if port in (s.source, s.target)]
                drawn = [("→ " if s.source == port else "← ") + s.flags for s in segments]
                wanted = rows[way].split("，")
                self.assertEqual(drawn[-len(wanted):], wanted, f"抓到的是 {segments}")
                earlier = " ".join(drawn[: -len(wanted)])
                self.assertNotRegex(earlier, "FIN|RST", "结束的报文段应当都在表里")


class Namespace(InteropTest):
    """在自己的网络空间里做的实验:`unshare -rn`(unshare(1)),别的程序不受影响。"""

    @classmethod
    def setUpClass(cls):
        need("unshare", "ip")

    def check(self, note, experiment):
        """讲义里写的输出,就是实验的输出。"""
        text = (NOTES / note).read_text("utf-8")
        command = f"$ unshare -rn python3 {experiment}\n"
        self.assertIn(command, text, f"{note} 里应当有这个实验")
        expected = text.split(command)[1].split("```")[0]
        allowed = self.start(["unshare", "-rn", "true"], stdin=subprocess.DEVNULL)
        if allowed.wait() != 0:
            missing(f"不能建自己的网络空间:{allowed.errors.text()}")
        program = self.start(["unshare", "-rn", *python(NOTES / "experiments" / experiment)], stdin=subprocess.DEVNULL)
        self.assertQuiet(program, experiment)
        self.assertEqual(program.output.text(), expected)

    def test_syn_flood(self):
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            missing("不能打开 /dev/net/tun")
        self.check("监听队列.md", "tcp_syn_flood.py")

    def test_ports_gone(self):
        self.check("TIME_WAIT.md", "tcp_ports_gone.py")


if __name__ == "__main__":
    unittest.main()
