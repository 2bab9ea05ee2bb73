"""下载的三个阶段:与 Python 程序互通,随时被结束,磁盘满,恶意的名字。"""

import contextlib
import functools
import os
import random
import re
import signal
import socket
import stat
import struct
import tempfile
import threading
import time
import unittest
from pathlib import Path

from support import PATIENCE, PEERS, InteropTest, binary, missing, need, python, until

# 文件的大小,字节:空的、一个字节、一次接收的上限前后、几倍、很长。
SIZES = (0, 1, 1023, 1024, 1025, 5000, 8 << 20)

# Python 的客户端一次最多收这么多。
ONCE = 1024

# 与 Python 程序说同一种话的阶段,和它的客户端存下前多少字节(None 是全部)。
PLAIN = {"download-once": ONCE, "download-stream": None}
STAGES = ("download-once", "download-stream", "download-framed")

# Python 客户端存成「前缀 + 名字」。
CLIENTS = {"download_client_copy": "[复件]", "download_client_saved": "[接收]"}
SERVERS = ("download_server_copy", "download_server_saved")

# 名字、它在网线上的编码和试的大小:编码不碰内容,各种大小试一种名字就够了。
NAMES = (("file.bin", "utf-8", SIZES), ("文件 1.bin", "utf-8", (5000,)), ("文件 1.bin", "gbk", (5000,)))

# 每一种「随时」试这么多次;种子打印在失败里,可以重来。
MOMENTS = 20
SEED = int(os.environ.get("SEED", "31"))

# 碰运气才碰得上的空隙,试这么多次。
MANY = 3000


@functools.cache
def pattern(length):
    """每一处都不一样的内容。"""
    return b"".join(b"%7d " % n for n in range(length // 8 + 1))[:length]


class DownloadTest(InteropTest):
    """下载测试的共同部分。"""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="download-")
        self.addCleanup(temporary.cleanup)
        self.base = Path(temporary.name).resolve()
        self.root = self.base / "root"
        self.out = self.base / "out"
        self.root.mkdir()
        self.out.mkdir()

    def our_server(self, stage, *options, **more):
        """我们的服务器,给 `root` 里的文件;返回它和它的地址。"""
        server, (host, port) = self.server(stage, "server", "127.0.0.1:0", "--root", self.root, *options, **more)
        return server, f"{host}:{port}"

    def fetch(self, stage, address, name, *options, output="saved"):
        """我们的客户端下载一个文件;返回退出码、存下的内容(没有是 None)和它说的话。"""
        client = self.course(stage, "client", address, name, "--output", self.out / output, *options, cwd=self.out)
        client.end_input()
        code = client.wait("下载应当结束", patience=3 * PATIENCE)
        said = client.output.text() + client.errors.text()
        self.assertNotIn("panicked", said, "不应当恐慌")
        return code, self.content(output), said

    def content(self, output="saved"):
        """存下的内容;没有是 None。"""
        with contextlib.suppress(FileNotFoundError):
            return (self.out / output).read_bytes()
        return None

    def connect(self, address):
        """一条到 `address` 的连接。"""
        host, port = address.rsplit(":", 1)
        sock = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def listen(self):
        """我们自己当服务器:监听套接字和它的地址。"""
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(PATIENCE)
        return listener, f"127.0.0.1:{listener.getsockname()[1]}"


def read_to_end(sock):
    """收到末尾;复位也算末尾。"""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := sock.recv(65_536):
            received += piece
    return bytes(received)


def request(name):
    """`download-framed` 的请求。"""
    return struct.pack("!I", len(name)) + name


def answer(status, length):
    """`download-framed` 的回答:状态和长度。"""
    return struct.pack("!IBQ", 9, status, length)


class PythonPrograms(DownloadTest):
    """Python 的程序和我们的程序,两个方向。"""

    def python_client(self, peer, address, name, encoding):
        """Python 的客户端下载一个文件,返回它存下的内容。"""
        client = self.start(python(PEERS / f"{peer}.py", encoding), cwd=self.out)
        client.type("\n".join([*address.split(":"), name, ""]))
        self.assertEqual(client.wait("Python 客户端应当结束"), 0, client.errors.text())
        return self.content(CLIENTS[peer] + name)

    def test_python_clients(self):
        """他们只收一次:不管服务器发多少,存下前 1,024 字节。"""
        for stage in PLAIN:
            for name, encoding, sizes in NAMES:
                server, address = self.our_server(stage, "--encoding", encoding)
                for peer, prefix in CLIENTS.items():
                    for size in sizes:
                        with self.subTest(stage=stage, name=name, encoding=encoding, peer=peer, size=size):
                            (self.root / name).write_bytes(pattern(size))
                            saved = self.python_client(peer, address, name, encoding)
                            # 空文件和没有这个文件一样:什么也不存。
                            self.assertEqual(saved, pattern(size)[:ONCE] if size else None)
                            (self.out / (prefix + name)).unlink(missing_ok=True)
                server.end()

    def test_python_servers(self):
        for stage, limit in PLAIN.items():
            for peer in SERVERS:
                for name, encoding, sizes in NAMES:
                    server = self.start(python(PEERS / f"{peer}.py", "127.0.0.1:0", encoding), cwd=self.root)
                    host, port = self.listening(server)
                    for size in sizes:
                        with self.subTest(stage=stage, peer=peer, name=name, encoding=encoding, size=size):
                            (self.root / name).write_bytes(pattern(size))
                            code, saved, said = self.fetch(stage, f"{host}:{port}", name, "--encoding", encoding)
                            if size == 0:
                                self.assertEqual((code, saved), (1, None), said)
                            else:
                                self.assertEqual((code, saved), (0, pattern(size)[:limit]), said)
                            (self.out / "saved").unlink(missing_ok=True)
                    server.end()

    def test_missing_file(self):
        server, address = self.our_server("download-stream")
        for peer in CLIENTS:
            self.assertIsNone(self.python_client(peer, address, "没有.txt", "utf-8"))
        server.output.wait("要 没有.txt:没有,或者不能给", "应当说没有")
        for peer in SERVERS:
            python_server = self.start(python(PEERS / f"{peer}.py", "127.0.0.1:0"), cwd=self.root)
            host, port = self.listening(python_server)
            for stage in PLAIN:
                code, saved, said = self.fetch(stage, f"{host}:{port}", "没有.txt")
                self.assertEqual((code, saved), (1, None), said)

    def test_client_that_says_nothing(self):
        for stage in PLAIN:
            server, address = self.our_server(stage)
            self.connect(address).close()
            server.output.wait(r"(?m)^127\.0\.0\.1:\d+ 什么也没有说就走了$", "应当说他什么也没有说")

    def test_port_left_as_text(self):
        """端口没有变成整数的那一版:一运行就停。"""
        client = self.start(python(PEERS / "download_client_copy.py", "utf-8", "text"), cwd=self.out)
        client.type("127.0.0.1\n7788\n")
        self.assertEqual(client.wait("应当异常结束"), 1)
        self.assertIn("TypeError", client.errors.text())

    def test_subdirectory_in_the_name(self):
        """前缀加在路径前面:Python 的客户端去找一个叫「[接收]sub」的目录。我们的加在文件名前面。"""
        (self.root / "sub").mkdir()
        (self.root / "sub/a.txt").write_bytes(b"inner")
        server = self.start(python(PEERS / "download_server_saved.py", "127.0.0.1:0"), cwd=self.root)
        host, port = self.listening(server)
        client = self.start(python(PEERS / "download_client_saved.py"), cwd=self.out)
        client.type(f"{host}\n{port}\nsub/a.txt\n")
        self.assertEqual(client.wait("应当异常结束"), 1)
        self.assertIn("FileNotFoundError", client.errors.text())
        for stage in PLAIN:
            client = self.course(stage, "client", f"{host}:{port}", "sub/a.txt", cwd=self.out)
            self.assertQuiet(client, "下载子目录里的文件")
            self.assertEqual(self.content("[接收]a.txt"), b"inner")

    def test_bad_byte_ends_the_python_server_only(self):
        for peer in SERVERS:
            server = self.start(python(PEERS / f"{peer}.py", "127.0.0.1:0"), cwd=self.root)
            host, port = self.listening(server)
            self.connect(f"{host}:{port}").sendall(b"\xff\xfe")
            self.assertEqual(server.wait("一个坏字节,它应当退出"), 1)
            self.assertIn("UnicodeDecodeError", server.errors.text())
        (self.root / "f").write_bytes(b"still here")
        for stage in PLAIN:
            _, address = self.our_server(stage)
            sock = self.connect(address)
            sock.sendall(b"\xff\xfe")
            self.assertEqual(read_to_end(sock), b"")
            self.assertEqual(self.fetch(stage, address, "f")[:2], (0, b"still here"))


class FramedPython(DownloadTest):
    """`download-framed` 和用 struct 写的 Python 程序。"""

    def test_python_client(self):
        _, address = self.our_server("download-framed")
        for name in ("file.bin", "文件 1.bin"):
            for size in SIZES:
                with self.subTest(name=name, size=size):
                    (self.root / name).write_bytes(pattern(size))
                    argv = python(PEERS / "download_framed_client.py", address, name, self.out / "saved")
                    client = self.start(argv)
                    self.assertEqual(client.wait(), 0, client.errors.text())
                    self.assertEqual(client.output.text(), f"收到 {size} 字节,多出 0 字节\n")
                    self.assertEqual(self.content(), pattern(size))
        for name, status in (("没有.txt", 1), ("..", 4), ("", 4)):
            client = self.start(python(PEERS / "download_framed_client.py", address, name, self.out / "saved"))
            self.assertEqual(client.wait(), 1)
            self.assertEqual(client.errors.text(), f"长度 9,状态 {status}\n")

    def test_python_server(self):
        (self.root / "sub").mkdir()
        for step in (1, 13, 1 << 16):
            server = self.start(python(PEERS / "download_framed_server.py", "127.0.0.1:0", self.root, step))
            host, port = self.listening(server)
            for size in SIZES:
                if size // step > 10_000:
                    continue
                with self.subTest(step=step, size=size):
                    (self.root / "文件 1.bin").write_bytes(pattern(size))
                    code, saved, said = self.fetch("download-framed", f"{host}:{port}", "文件 1.bin")
                    self.assertEqual((code, saved), (0, pattern(size)), said)
            for name, said in (("没有", "没有这个文件"), ("sub", "不是普通文件"), ("a/b", "不是一个普通的文件名")):
                code, saved, heard = self.fetch("download-framed", f"{host}:{port}", name, output="none")
                self.assertEqual((code, saved), (1, None))
                self.assertIn(f"服务器说:{said}", heard)
            server.end()

    def test_every_byte_may_be_the_last(self):
        """断在哪里都看得出来:以前的文件原样还在。"""
        listener, address = self.listen()
        content = pattern(200)
        whole = answer(0, len(content)) + content
        for length in range(len(whole) + 1):
            (self.out / "saved").write_bytes(b"old")
            client = self.course("download-framed", "client", address, "f", "--output", self.out / "saved")
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(PATIENCE)
                sock.recv(100)
                sock.sendall(whole[:length])
            code = client.wait()
            complete = length == len(whole)
            self.assertEqual(code, 0 if complete else 1, f"断在第 {length} 字节:{client.errors.text()}")
            self.assertEqual(self.content(), content if complete else b"old", f"断在第 {length} 字节")

    def test_two_downloads_of_one_name(self):
        """两个程序同时下载成同一个名字:到手的不会是两份搅在一起的。"""
        listener, address = self.listen()
        content = pattern(100_000)

        def begin():
            client = self.course("download-framed", "client", address, "f", "--output", self.out / "saved")
            sock, _ = listener.accept()
            self.addCleanup(sock.close)
            sock.settimeout(PATIENCE)
            sock.recv(100)
            sock.sendall(answer(0, len(content)))
            return client, sock

        first, to_first = begin()
        to_first.sendall(content[:50_000])
        until(lambda: (self.out / "saved.part").exists(), "应当开始写")
        second, to_second = begin()
        with contextlib.suppress(ConnectionError):
            to_second.sendall(content[:10_000])
        self.assertEqual(second.wait("第二个应当不写就结束"), 1)
        self.assertIn("另一个程序正在写", second.errors.text())
        to_first.sendall(content[50_000:])
        self.assertQuiet(first, "第一个")
        self.assertEqual(self.content(), content)

    def test_file_that_shrinks_and_grows(self):
        """服务器正在发的文件变短了:客户看得出来。变长了:只发说好的。"""
        path = self.root / "f"
        path.write_bytes(bytes(64 << 20))
        server, address = self.our_server("download-framed")
        sock = self.connect(address)
        sock.sendall(request(b"f"))
        sock.recv(13, socket.MSG_WAITALL)
        os.truncate(path, 1 << 20)
        self.assertLess(len(read_to_end(sock)), 64 << 20)
        server.errors.wait(r"f 变短了:说好 67108864 字节,只发出 \d+", "应当说出来")
        sock = self.connect(address)
        sock.sendall(request(b"f"))
        sock.recv(13, socket.MSG_WAITALL)
        os.truncate(path, 2 << 20)
        self.assertEqual(len(read_to_end(sock)), 1 << 20)


class Killed(DownloadTest):
    """kill -9:最后的名字下面,不是以前的文件,就是完整的新文件。

    什么时候结束,不靠运气:两边的话由测试转交,回答放过多少字节,就断在哪里。
    """

    size = 24 << 20

    def setUp(self):
        super().setUp()
        self.new = pattern(self.size)
        (self.root / "f").write_bytes(self.new)

    def moments(self, whole):
        """断在第几个字节:回答的开头、头部的前后、末尾,别的随机;`whole` 是全部。"""
        header = whole - self.size
        edges = {0, 1, header, header + 1, whole - 1, whole}
        chance = random.Random(SEED)
        return sorted(edges) + [chance.randrange(whole) for _ in range(MOMENTS - len(edges))]

    def begin(self, stage, address, asked, length):
        """一次下载:转交客户的请求 `asked`,回答只放过前 `length` 个字节;返回客户端,和挂断两边的办法。"""
        (self.out / "saved").write_bytes(b"old")
        (self.out / "saved.part").unlink(missing_ok=True)
        listener, relay = self.listen()
        client = self.course(stage, "client", relay, "f", "--output", self.out / "saved")
        inner, _ = listener.accept()
        listener.close()
        ends = contextlib.ExitStack()
        ends.enter_context(inner)
        self.addCleanup(ends.close)
        inner.settimeout(PATIENCE)
        self.assertEqual(inner.recv(len(asked), socket.MSG_WAITALL), asked)
        outer = ends.enter_context(self.connect(address))
        outer.sendall(asked)
        while length:
            piece = outer.recv(min(length, 65_536))
            self.assertTrue(piece, "服务器应当接着发")
            inner.sendall(piece)
            length -= len(piece)
        return client, ends.close

    def test_server(self):
        asked, whole = request(b"f"), 13 + self.size
        for moment in self.moments(whole):
            with self.subTest(seed=SEED, moment=moment):
                server, address = self.our_server("download-framed")
                client, hang_up = self.begin("download-framed", address, asked, moment)
                server.signal(signal.SIGKILL)
                server.wait()
                hang_up()
                code, saved = client.wait(), self.content()
                said = client.errors.text()
                if moment == whole:
                    self.assertEqual((code, saved == self.new), (0, True), said)
                else:
                    self.assertEqual((code, saved == b"old"), (1, True), said)
                    self.assertRegex(said, "错误:")

    def test_client(self):
        asked, whole = request(b"f"), 13 + self.size
        _, address = self.our_server("download-framed")
        for moment in self.moments(whole):
            with self.subTest(seed=SEED, moment=moment):
                client, hang_up = self.begin("download-framed", address, asked, moment)
                if 13 < moment < whole:
                    # 放过的都写下了,还差的来不了:这时结束它,一定断在半路。
                    until(lambda: self.part() == moment - 13, "应当写下收到的")
                with contextlib.suppress(ProcessLookupError):  # 已经收完了
                    client.signal(signal.SIGKILL)
                client.wait()
                hang_up()
                saved = self.content()
                # 收齐了才被结束,改没改名都可能。
                self.assertTrue(saved == b"old" or (moment == whole and saved == self.new))
        # 服务器没有受影响,留下的 .part 也不碍事。
        (self.out / "saved.part").write_bytes(b"left over" * 10_000_000)
        self.assertEqual(self.fetch("download-framed", address, "f")[:2], (0, self.new))

    def part(self):
        """`NAME.part` 有多长;没有是 `None`。"""
        with contextlib.suppress(FileNotFoundError):
            return (self.out / "saved.part").stat().st_size
        return None

    def test_stream_leaves_a_wrong_file(self):
        """对照:download-stream 的客户端在同样的时刻留下半个文件,还说成功了。"""
        for moment in self.moments(self.size):
            if moment == 0:
                continue  # 一个字节也没有,它当作没有这个文件
            with self.subTest(seed=SEED, moment=moment):
                server, address = self.our_server("download-stream")
                client, hang_up = self.begin("download-stream", address, b"f", moment)
                server.signal(signal.SIGKILL)
                server.wait()
                hang_up()
                self.assertEqual(client.wait(), 0, "它不知道断了")
                self.assertTrue(self.content() == self.new[:moment])


class DiskFull(DownloadTest):
    """磁盘满了:说清楚,以前的文件原样还在。"""

    def in_small_disk(self, stage, address, name):
        """在一个 1 MiB 的 tmpfs 里下载;返回退出码、说的话、以前的文件的内容。"""
        need("unshare")
        disk = self.base / "disk"
        disk.mkdir(exist_ok=True)
        script = 'mount -t tmpfs -o size=1m none "$1" && cd "$1" && printf old > saved && shift && ' \
            '{ "$@" --output saved; code=$?; echo "现在是 $(head -c 20 saved)"; exit $code; }'
        argv = ["unshare", "-rm", "sh", "-c", script, "sh", disk, binary(stage), "client", address, name]
        program = self.start(argv)
        code = program.wait()
        if "mount:" in program.errors.text() or "unshare:" in program.errors.text():
            missing(f"不许建命名空间或挂载:{program.errors.text().strip()}")
        return code, program.errors.text(), program.output.text()

    def test_framed_keeps_the_old_file(self):
        (self.root / "big").write_bytes(pattern(4 << 20))
        (self.root / "small").write_bytes(b"small")
        server, address = self.our_server("download-framed")
        code, errors, output = self.in_small_disk("download-framed", address, "big")
        self.assertEqual((code, output), (1, "现在是 old\n"), errors)
        self.assertIn("错误:写不了文件 saved.part:磁盘满了(系统错误 28)\n提示:腾出一些空间再试\n", errors)
        code, errors, output = self.in_small_disk("download-framed", address, "small")
        self.assertEqual((code, output), (0, "收到 5 字节,存成 saved\n现在是 small\n"), errors)

    def test_plain_stages_say_so(self):
        (self.root / "big").write_bytes(pattern(4 << 20))
        _, address = self.our_server("download-stream")
        code, errors, output = self.in_small_disk("download-stream", address, "big")
        self.assertEqual(code, 1)
        self.assertIn("错误:写不了文件 saved:磁盘满了(系统错误 28)", errors)
        self.assertNotIn("现在是 old", output, "以前的文件没有了:这由 download-framed 修复")


# 目录外面的文件里的内容:哪里也不应当出现。
CANARY = b"canary-" + os.urandom(16).hex().encode()


def hostile_names(root, secret):
    """恶意的和倒霉的名字,都是字节。`secret` 是目录外面的文件。"""
    climbing = [
        *("../" * n + secret.name for n in range(1, 8)),
        *(up + "secret.txt" for up in (
            "..\\", "..//", "../", "./../", ".//..//", "sub/../../", "sub/..\\..\\", "sub/./../../", "..;/",
            ".../", "..../", "....//", "....\\\\", "..%2f", "..%5c", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f",
            "..%c0%af", "..%u2215", "%uff0e%uff0e/", "..%00/", "../%00", " ../", ".. /", "..\t/", "..\n/", "./",
            "..\u2215", "..\uff0f", "\uff0e\uff0e/", "\u2025/", "\u2024\u2024/", "..\u29f5", "..\u2044",
            "‮/..", "~/", "~root/", "$HOME/../", "${PWD}/../", "`pwd`/../", "$(pwd)/../", "file://../",
        )),
    ]
    absolute = [
        str(secret), "/" + str(secret), "//" + str(secret), f"{root}/../{secret.name}", f"/proc/self/root{secret}",
        f"/proc/self/cwd/{secret.name}", "/etc/passwd", "/etc/shadow", "/dev/stdin", "/dev/fd/0", "/proc/self/environ",
        f"file://{secret}", f"//localhost{secret}", f"\\\\localhost\\share{secret}", f"\\\\?\\C:{secret}", f"C:{secret}",
        f"c:\\{secret.name}", f"C:{secret.name}", "\\\\.\\PhysicalDrive0", "\\??\\C:\\", "Z:" + str(secret),
    ]
    devices = [
        *("CON", "con", "PRN", "AUX", "NUL", "nul.txt", "CON.", "CON ", "CON .txt", "COM1", "com9.log", "LPT1", "COM¹",
          "COM0", "LPT³.x", "CONIN$", "CONOUT$", "CLOCK$", "NUL::$DATA", "f:stream", "f::$DATA", "C:", "AUX:", "x:"),
    ]
    odd = [
        "", ".", "..", "...", "/", "//", "\\", "\\\\", "./", "../", "sub", "sub/", "sub/inner", "sub\\inner", "./f",
        "f/", "f/.", "f//", "f/../f", "f.", "f ", " f", "f\t", "f\n", "f\r\n", "\nf", "f. ", "f . .", "F\u0301", "ｆ",
        "f\u200b", "\ufefff", "f\u202egnp", "*", "?", "f*", "[f]", "{f,g}", "f|id", "|id", ";id", "&id", "-f",
        "--help", "<f", ">f", "\"f\"", "'f'", "%s%n", "\x1b[2J", "\x07", "\x7f", "~", "$f", "#f#", "f~", ".f", "~f",
        "x" * 254, "x" * 255, "x" * 256, "x" * 1000, "x" * 1024, "x" * 1025, "长" * 85, "长" * 86, "长" * 400,
        "/" * 1024, "../" * 340, "a/" * 500, "." * 1024, " " * 1024, "e\u0301" * 100,
        "fifo", "socket", "device", "link-out", "link-dir", "link-dir/secret.txt", "link-loop", "link-broken",
        "link-proc", "link-fifo", "link-up", "link-up/secret.txt", "link-chain",
    ]
    raw = [
        b"\0", b"f\0", b"f\0.txt", b"\0f", b"../secret.txt\0", b"..\0/secret.txt", b"\xff", b"\xff\xfe", b"\xc0\xae\xc0\xae/secret.txt",
        b"\xc0\xaf", b"..\xc0\xafsecret.txt", b"..\xe0\x80\xafsecret.txt", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"f\xff",
        b"\x80", b"\xe4\xbd", "文件".encode("gbk"), "f".encode("utf-16-le"), "../secret.txt".encode("utf-16"),
        b"..\x81\x5csecret.txt", b"..\x81\x2fsecret.txt", bytes(range(256)), b"GET /secret.txt HTTP/1.0\r\n\r\n",
        b"\xff" * 1024, b"\0" * 1024, b"\r\n", b" ", b"\t",
    ]
    return [name.encode() for name in (*climbing, *absolute, *devices, *odd)] + raw


class HostileNames(DownloadTest):
    """恶意的名字:目录外面的,不读也不写。"""

    # 打开文件的系统调用。
    trace = "open,openat,openat2,creat,execve,symlink,link,rename,mkdir,unlink"

    def setUp(self):
        super().setUp()
        self.secret = self.base / "secret.txt"
        self.secret.write_bytes(CANARY)
        (self.root / "f").write_bytes(b"fine")
        (self.root / "sub").mkdir()
        (self.root / "sub/inner").write_bytes(b"inner")

    def furnish(self, links):
        """目录里的怪东西:管道、套接字、设备,和各种链接。"""
        os.mkfifo(self.root / "fifo")
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(self.root / "socket"))
        with contextlib.suppress(PermissionError):
            os.mknod(self.root / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        if links:
            targets = {
                "link-out": self.secret, "link-dir": "..", "link-loop": "link-loop", "link-broken": "nothing",
                "link-proc": "/proc/self/environ", "link-fifo": "fifo", "link-up": "../", "link-chain": "link-out",
            }
            for name, target in targets.items():
                (self.root / name).symlink_to(target)

    def traced(self, stage, links):
        """在 strace 里运行的服务器,和它的记录。"""
        need("strace")
        self.furnish(links)
        log = self.base / "strace.log"
        argv = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={self.trace}", "-o", log,
                binary(stage), "server", "127.0.0.1:0", "--root", self.root]
        server = self.start(argv, env={**os.environ, "LC_ALL": "C.UTF-8", "GLIBC_TUNABLES": ""})
        try:
            host, port = self.listening(server)
        except AssertionError:
            missing(f"不许用 strace:{server.errors.text().strip()}")
        return server, f"{host}:{port}", log

    def assertNothingOutside(self, log, before):
        """服务器准备好以后,打开的都在目录里。"""
        lines = log.read_text(errors="backslashreplace")[before:].splitlines()
        calls = [line for line in lines if re.search(r"\b(\w+)\(", line) and "+++" not in line and "---" not in line]
        opened = 0
        for line in calls:
            call = re.match(r"\d+\s+(open|openat|openat2)\((?:AT_FDCWD<[^>]*>, |\d+<[^>]*>, )?\"([^\"]*)\", ([A-Z_|]+)", line)
            self.assertIsNotNone(call, f"只应当打开文件来读:{line}")
            self.assertNotRegex(call[3], "WRONLY|RDWR|CREAT|TRUNC", f"不应当写:{line}")
            path = os.path.normpath(call[2])
            self.assertTrue(path == str(self.root) or path.startswith(f"{self.root}/"), f"打开了外面的:{line}")
            # 打开之后的描述符指着哪里(strace -y),也要在目录里。
            if result := re.search(r"= \d+<([^>]*)>$", line):
                self.assertTrue(result[1].startswith(f"{self.root}/"), f"打开了外面的:{line}")
                opened += 1
        return opened

    def attack(self, stage, wrap, links):
        server, address, log = self.traced(stage, links)
        before = len(log.read_text(errors="backslashreplace"))
        names = hostile_names(self.root, self.secret)
        self.assertGreaterEqual(len(names), 100)
        answers = {}
        for name in names:
            with self.connect(address) as sock:
                with contextlib.suppress(OSError):  # 说到一半就断了的,听得到什么算什么
                    sock.sendall(wrap(name))
                    sock.shutdown(socket.SHUT_WR)
                answers[name] = read_to_end(sock)
            self.assertNotIn(CANARY, answers[name], f"{name!r}:得到了外面的内容")
        self.assertEqual(self.fetch(stage, address, "f")[:2], (0, b"fine"), "服务器应当还在")
        server.signal(signal.SIGINT)
        self.assertQuiet(server, "Ctrl-C")
        self.assertEqual(self.assertNothingOutside(log, before), 1, "只应当打开刚才下载的 f")
        shown = server.output.text() + server.errors.text()
        self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f]", "日志里不应当有控制字符")
        return answers

    def test_plain_servers(self):
        # 指向外面的链接由 download-framed 修复,这里不放;别的一样。
        for stage in PLAIN:
            with self.subTest(stage):
                answers = self.attack(stage, lambda name: name, links=False)
                served = {name for name, content in answers.items() if content}
                self.assertLessEqual(served, {b"f"}, "什么也不应当给")
                self.clean()

    def test_framed_server(self):
        answers = self.attack("download-framed", request, links=True)
        for name, content in answers.items():
            if len(name) > 1024:
                self.assertEqual(content, b"", f"{name[:20]!r}…:请求太长,应当断开")
                continue
            self.assertEqual(len(content), 13, f"{name!r}:应当只有状态")
            length, status, size = struct.unpack("!IBQ", content)
            self.assertEqual((length, size), (9, 0), f"{name!r}")
            self.assertIn(status, (1, 2, 3, 4, 5), f"{name!r}")
        status = {name: content[4] for name, content in answers.items() if content}
        for name, expected in ((b"fifo", 2), (b"socket", 2), (b"sub", 2), (b"link-fifo", 2), (b"link-out", 3),
                               (b"link-chain", 3), (b"link-dir", 3), (b"link-broken", 1), (b"..", 4), (b"CON", 4),
                               (b"f.", 4), (b"f\0", 4), (b"\xff", 4), (b"", 4), (b"/etc/passwd", 4)):
            self.assertEqual(status[name], expected, f"{name!r}")

    def test_link_swapped_in_between(self):
        """有人在目录里不停地把一个普通文件换成链接、管道:检查和打开之间的空隙里也出不去,也停不住。"""
        _, address = self.our_server("download-framed")
        swaps, done = [0], threading.Event()
        kinds = {
            answer(0, 4) + b"fine": lambda new: os.link(self.root / "f", new),
            answer(3, 0): lambda new: os.symlink("../secret.txt", new),
            answer(2, 0): os.mkfifo,
        }

        def put(make):
            make(self.root / "new")
            os.rename(self.root / "new", self.root / "x")
            swaps[0] += 1

        def ask():
            with self.connect(address) as sock:
                sock.sendall(request(b"x"))
                return read_to_end(sock)

        # 不换的时候,每一种都有它的回答。
        for expected, make in kinds.items():
            put(make)
            self.assertEqual(ask(), expected)

        def swap():
            while not done.is_set():
                for make in kinds.values():
                    put(make)

        thread = threading.Thread(target=swap, daemon=True)
        thread.start()
        self.addCleanup(thread.join, PATIENCE)
        self.addCleanup(done.set)
        asked, before = 0, swaps[0]
        # 一边换一边问,两样都够多次才算试过。
        deadline = time.monotonic() + 6 * PATIENCE
        while asked < MANY or swaps[0] - before < MANY:
            # 正好在看和打开之间换掉的,打不开。
            self.assertIn(ask(), {*kinds, answer(5, 0)}, "不是普通文件,就只有状态")
            asked += 1
            self.assertLess(time.monotonic(), deadline, f"问了 {asked} 次,换了 {swaps[0] - before} 次")

    def clean(self):
        for entry in ("fifo", "socket", "device", *(path.name for path in self.root.glob("link-*"))):
            (self.root / entry).unlink(missing_ok=True)

    def snapshot(self):
        """`out` 以外的一切:路径、种类、内容。"""
        seen = {}
        for path in sorted(self.base.rglob("*")):
            if path != self.out and self.out not in path.parents:
                info = path.lstat()
                regular = stat.S_ISREG(info.st_mode)
                seen[path] = (info.st_mode, info.st_mtime_ns, path.read_bytes() if regular else None)
        return seen

    def test_clients_write_only_here(self):
        """名字是人打的(或者别的程序给的):服务器什么都说有,客户端也只写在当前目录里。"""
        listener, address = self.listen()
        listener.settimeout(0.2)  # 每过这么久看一眼要不要停
        stopping = threading.Event()

        def yes():
            while not stopping.is_set():
                with contextlib.suppress(OSError):
                    sock, _ = listener.accept()
                    with sock:
                        sock.settimeout(PATIENCE)
                        name = sock.recv(8192)
                        framed = len(name) >= 4 and struct.unpack("!I", name[:4])[0] == len(name) - 4
                        sock.sendall(answer(0, 4) + b"evil" if framed else b"evil")

        thread = threading.Thread(target=yes, daemon=True)
        thread.start()
        self.addCleanup(thread.join, PATIENCE)
        self.addCleanup(listener.close)
        self.addCleanup(stopping.set)
        names = [name for name in hostile_names(self.root, self.secret) if b"\n" not in name]
        self.assertGreaterEqual(len(names), 100)
        before = self.snapshot()
        for stage in STAGES:
            for name in names:
                client = self.course(stage, "client", address, cwd=self.out)
                client.type(name + b"\n").end_input()
                code = client.wait(f"{stage} {name!r} 应当结束")
                self.assertIn(code, (0, 1), f"{stage} {name!r}:{client.errors.text()}")
                self.assertNotIn("panicked", client.errors.text())
            self.assertEqual(self.snapshot(), before, f"{stage}:写到了外面")
            for path in self.out.iterdir():
                self.assertTrue(path.name.startswith("[接收]"), f"{stage}:{path.name!r}")
                self.assertTrue(stat.S_ISREG(path.lstat().st_mode), f"{stage}:{path.name!r}")
                path.unlink()


if __name__ == "__main__":
    unittest.main()
