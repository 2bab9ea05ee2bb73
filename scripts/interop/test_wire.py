"""网线上看到的:用 tshark 在回环接口上抓包,只抓测试自己的端口。"""

import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import ENVIRONMENT, LARGEST, PATIENCE, InteropTest, host_port, missing, need, until

# 每个数据报要的字段:源、目的、UDP 长度(头 8 字节加载荷)、载荷。
FIELDS = ["ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.length", "udp.payload"]


class Capture:
    """抓一个 UDP 端口上的包,存成文件,抓完再读。"""

    def __init__(self, test, port, count):
        self.folder = Path(tempfile.mkdtemp(prefix="interop-wire-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.file = self.folder / "wire.pcapng"
        argv = ["tshark", "-q", "-n", "-i", "lo", "-f", f"udp port {port}", "-w", str(self.file)]
        self.port, self.count = port, count
        self.program = test.start(argv, stdin=subprocess.DEVNULL)
        try:
            self.program.errors.wait(r"Capture started", "tshark 应当开始抓包")
        except AssertionError:
            missing(f"不能在回环接口上抓包:{self.program.errors.text()[-500:]}")

    def datagrams(self):
        """抓到 `count` 个以后停下,按先后给出每个数据报的各个字段。"""
        until(lambda: len(self.read()) >= self.count, f"网线上应当有 {self.count} 个数据报")
        self.program.signal(signal.SIGINT)
        self.program.wait("tshark 应当停下")
        return self.read()

    def read(self):
        """读抓到的文件;还没有写完整的最后一个包不算。"""
        fields = [word for field in FIELDS for word in ("-e", field)]
        result = subprocess.run(
            ["tshark", "-n", "-r", str(self.file), "-Y", f"udp.port == {self.port}", "-T", "fields", *fields],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE * 3,
        )
        return [Datagram(*line.split("\t")) for line in result.stdout.decode().splitlines()]


class Datagram:
    """抓到的一个数据报。"""

    def __init__(self, source, source_port, target, target_port, length, payload):
        self.source = (source, int(source_port))
        self.target = (target, int(target_port))
        self.length = int(length)
        self.payload = bytes.fromhex(payload.replace(":", ""))

    def __repr__(self):
        return f"{self.source} → {self.target} 长度 {self.length} 载荷 {self.payload[:32]!r}"


class Wire(InteropTest):
    """一行一个数据报,一个字节不多。"""

    @classmethod
    def setUpClass(cls):
        need("tshark")

    def test_udp_send(self):
        sock = self.udp()
        lines = ["hahaha", "", "你好", "x" * 1472, "y" * 1473, "z" * LARGEST]
        capture = Capture(self, sock.getsockname()[1], len(lines))
        sender = self.course("udp-send", host_port(sock))
        sender.type("".join(f"{line}\n" for line in lines) + "exit\n").end_input()
        self.assertQuiet(sender, "udp-send 打了 exit")
        seen = capture.datagrams()
        payloads = [line.encode() for line in lines]
        self.assertEqual([len(d.payload) for d in seen], list(map(len, payloads)), "每行应当恰好一个数据报")
        self.assertEqual([d.payload for d in seen], payloads, "载荷应当就是这一行的字节,没有换行")
        self.assertEqual([d.length for d in seen], [8 + len(p) for p in payloads], "UDP 长度应当是 8 加载荷")
        self.assertEqual(seen[1].length, 8, "空行的数据报只有 8 字节的头")
        self.assertEqual({d.target for d in seen}, {sock.getsockname()}, "目的地应当都是目标地址")
        self.assertEqual(len({d.source for d in seen}), 1, "源端口应当一直不变")
        self.assertEqual(seen[0].source[0], "127.0.0.1", "源地址应当是 127.0.0.1")

    def test_udp_send_gbk_from_a_bound_port(self):
        sock, free = self.udp(), self.udp()
        local = free.getsockname()
        free.close()
        capture = Capture(self, sock.getsockname()[1], 1)
        sender = self.course("udp-send", host_port(sock), "--encoding", "gbk", "--bind", "%s:%d" % local)
        sender.type("你好\nexit\n").end_input()
        self.assertQuiet(sender, "udp-send --encoding gbk")
        (seen,) = capture.datagrams()
        self.assertEqual(seen.payload.hex(), "c4e3bac3", "网线上应当是「你好」的 GBK 字节")
        self.assertEqual(seen.source, local, "源端口应当是绑定的端口")

    def test_nothing_before_the_first_line(self):
        # bind 和 connect 都不发送任何东西;exit 自己也不发送。
        sock = self.udp()
        capture = Capture(self, sock.getsockname()[1], 1)
        for name, *words in (["udp-send"], ["udp-echo", "client"], ["udp-duplex"]):
            program = self.course(name, *words, host_port(sock))
            program.type_line("exit").end_input()
            self.assertQuiet(program, f"{name} 打了 exit")
        marker = self.udp()
        marker.sendto(b"marker", sock.getsockname())
        seen = capture.datagrams()
        self.assertEqual([d.payload for d in seen], [b"marker"], "只打 exit 时网线上不应当有任何数据报")

    def test_udp_echo_answers_from_the_listening_port(self):
        _, address = self.server("udp-echo", "server", "127.0.0.1:0", "--quiet")
        capture = Capture(self, address[1], 6)
        sock = self.udp()
        payloads = [b"hello", b"", bytes(range(256))]
        for payload in payloads:
            sock.sendto(payload, address)
            self.receive(sock, "udp-echo 应当回答")
        seen = capture.datagrams()
        self.assertEqual(len(seen), 6, f"三问三答,网线上应当恰好六个数据报:{seen}")
        for question, answer, payload in zip(seen[::2], seen[1::2], payloads):
            self.assertEqual(question.target, address, "问题应当发到监听的端口")
            self.assertEqual(answer.source, address, "回答应当从监听的端口发出")
            self.assertEqual(answer.target, sock.getsockname(), "回答应当发给问的人")
            self.assertEqual(answer.payload, payload, "网线上的回答应当一个字节不差")
            self.assertEqual(answer.length, 8 + len(payload), "回答的 UDP 长度应当是 8 加载荷")

    def test_udp_echo_client_keeps_its_port(self):
        _, address = self.server("udp-echo", "server", "127.0.0.1:0", "--quiet")
        capture = Capture(self, address[1], 6)
        client = self.course("udp-echo", "client", "%s:%d" % address)
        client.type("one\n\n三\nexit\n").end_input()
        self.assertQuiet(client, "udp-echo client 打了 exit")
        seen = capture.datagrams()
        sources = {d.source for d in seen if d.target == address}
        self.assertEqual(len(sources), 1, f"客户端的源端口应当一直不变:{seen}")
        asked = [d.payload for d in seen if d.target == address]
        self.assertEqual(asked, [b"one", b"", "三".encode()], "每行应当恰好发一次")


if __name__ == "__main__":
    unittest.main()
