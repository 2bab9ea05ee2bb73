"""远程命令的前两个阶段:与 Python 程序互通,粘包看得见也修得好,不会死锁,一个进程也不留。"""

import contextlib
import os
import signal
import socket
import struct
import tempfile
import time
import unittest
from pathlib import Path

from support import ENVIRONMENT, PATIENCE, PEERS, InteropTest, python, until

STICKY, FRAMED = "shell-sticky", "shell-framed"

# 一次接收的上限,字节。
ONCE = 1024

# `seq 1 500` 的输出。
LONG = "".join(f"{n}\n" for n in range(1, 501))

# 一根管道装得下的,字节(pipe(7))。
PIPE = 65_536

# 服务器肯攒的,字节。
MOST = 8 << 20


def processes_with(word):
    """环境里有 `word` 的进程:它们是我们启动的,或者是它们启动的(proc(5))。"""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            state = (entry / "stat").read_text().rsplit(") ", 1)[1][0]
            if state != "Z" and word.encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


class ShellTest(InteropTest):
    """远程命令测试的共同部分。"""

    def setUp(self):
        # 命令都在这个目录里运行,由它认出是谁启动的进程。
        temporary = tempfile.TemporaryDirectory(prefix="shell-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name).resolve()
        self.mark = f"SHELL_TEST={self.directory.name}"

    def environment(self):
        """启动服务器用的环境:命令继承它。"""
        name, value = self.mark.split("=")
        return {**ENVIRONMENT, name: value}

    def our_server(self, stage, *options):
        """我们的服务器和它的地址。"""
        server, address = self.server(
            stage, "server", "127.0.0.1:0", *options, cwd=self.directory, env=self.environment()
        )
        return server, f"{address[0]}:{address[1]}"

    def python_server(self, name):
        """Python 的服务器和它的地址。"""
        server = self.start(python(PEERS / f"{name}.py", "127.0.0.1:0"), cwd=self.directory)
        host, port = self.listening(server)
        # 命令继承它的标准输入:读标准输入的命令,要读得到末尾。
        server.end_input()
        return server, f"{host}:{port}"

    def session(self, client, *commands):
        """把这些命令都打进去,等客户端结束;返回它显示的全部。"""
        client.type("".join(f"{command}\n" for command in commands)).end_input()
        code = client.wait("打了 bye,客户端应当结束", patience=2 * PATIENCE)
        self.assertEqual(code, 0, client.errors.text())
        return client.output.data.decode("utf-8", "backslashreplace")

    def our_client(self, stage, address, *options):
        """我们的客户端。"""
        return self.course(stage, "client", address, *options)

    def python_client(self, name, address):
        """Python 的客户端。"""
        return self.start(python(PEERS / f"{name}.py", address))

    def connect(self, address):
        """一条到 `address` 的连接。"""
        host, port = address.rsplit(":", 1)
        sock = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def no_process_left(self, what):
        """带着我们的记号的进程都应当没有了。"""
        until(lambda: not processes_with(self.mark), lambda: f"{what},还在:{processes_with(self.mark)}")


def exactly(sock, length):
    """收满 `length` 个字节。"""
    received = b""
    while len(received) < length:
        piece = sock.recv(min(65_536, length - len(received)))
        assert piece, f"收了 {len(received)} 字节就断了"
        received += piece
    return received


def framed(sock):
    """收一个前面有长度的回答。"""
    (length,) = struct.unpack("<i", exactly(sock, 4))
    return exactly(sock, length)


# 两个服务器的回答应当一个字节不差。
SAME = (
    "echo one",
    "printf two",
    "printf 'a\\n\\n'",
    "echo 你好,世界",
    "echo err >&2",
    "echo out; echo err >&2; echo more",
    "echo err >&2; echo out",
    "echo first; exit 3",
    "no-such-command-here",
    "cat; echo no input",
    "cd /; pwd",
    "echo $((6*7)) | tr 2 3",
)


class Sticky(ShellTest):
    """没有边界:上一个回答的尾巴,是下一个命令的回答。"""

    SESSION = ("echo one", "seq 1 500", "echo two", "echo three", "bye")

    def check(self, answers):
        """四个命令得到的四个回答:第三个是第二个的其余部分,第四个是第三个的。"""
        whole = LONG.removesuffix("\n")
        self.assertEqual(answers[0], "one")
        self.assertEqual(answers[1], whole[:ONCE])
        self.assertTrue(answers[2].startswith(whole[ONCE:]), f"第三个应当是第二个的其余部分:{answers[2]!r}")
        # 机器忙的时候,后面的也已经到了,一起取走:那就是真的粘在一起。次序总不会变。
        rest = "".join(answers[2:4])
        self.assertIn(rest.removeprefix(whole[ONCE:]), ("two", "twothree"))

    def test_python_client_our_server(self):
        _, address = self.our_server(STICKY)
        shown = self.session(self.python_client("shell_client_sticky", address), *self.SESSION)
        self.check([answer.removesuffix("\n") for answer in shown.split("cmd:")[1:]])

    def test_python_client_python_server(self):
        _, address = self.python_server("shell_server_sticky")
        shown = self.session(self.python_client("shell_client_sticky", address), *self.SESSION)
        self.check([answer.removesuffix("\n") for answer in shown.split("cmd:")[1:]])

    def our_client_shows(self, address):
        """我们的客户端不打印提示:第二个回答在第 1,024 个字节断开,断在哪一行由它看出来。"""
        shown = self.session(self.our_client(STICKY, address), *self.SESSION)
        one, rest = shown.split("\n", 1)
        whole = LONG.removesuffix("\n")
        second, rest = rest[:ONCE], rest[ONCE:].removeprefix("\n")
        length = len(whole) - ONCE
        third, fourth = rest[:length], rest[length:]
        self.check([one, second, third, fourth.strip("\n").split("\n")[0]])

    def test_our_client_python_server(self):
        _, address = self.python_server("shell_server_sticky")
        self.our_client_shows(address)

    def test_our_client_our_server(self):
        _, address = self.our_server(STICKY)
        self.our_client_shows(address)

    def test_answers_are_those_of_python(self):
        _, ours = self.our_server(STICKY)
        _, theirs = self.python_server("shell_server_sticky")
        ours, theirs = self.connect(ours), self.connect(theirs)
        for command in SAME:
            with self.subTest(command=command):
                answers = []
                for sock in (theirs, ours):
                    sock.sendall(command.encode())
                    answers.append(sock.recv(65_536))
                self.assertEqual(*answers)

    def test_an_empty_answer_is_no_answer(self):
        for name, start in ((STICKY, self.our_server), ("shell_server_sticky", self.python_server)):
            with self.subTest(server=name):
                _, address = start(name)
                sock = self.connect(address)
                sock.sendall(b"true")
                sock.settimeout(0.5)
                with self.assertRaises(TimeoutError):
                    sock.recv(1)
                sock.settimeout(PATIENCE)
                sock.sendall(b"echo after")
                self.assertEqual(sock.recv(ONCE), b"after")

    def test_two_commands_at_once_are_one(self):
        _, address = self.our_server(STICKY)
        sock = self.connect(address)
        sock.sendall(b"echo oneecho two")
        self.assertEqual(sock.recv(ONCE), b"oneecho two")


class Framed(ShellTest):
    """有了长度:每个命令得到自己的回答。"""

    SESSION = ("echo one", "seq 1 500", "echo two", "echo three", "bye")
    SHOWN = ("one\n", LONG, "two\n", "three\n")

    def test_our_client(self):
        for start, name in ((self.our_server, FRAMED), (self.python_server, "shell_server_framed")):
            with self.subTest(server=name):
                _, address = start(name)
                shown = self.session(self.our_client(FRAMED, address), *self.SESSION)
                self.assertEqual(shown, "".join(self.SHOWN))

    def test_python_client(self):
        for start, name in ((self.our_server, FRAMED), (self.python_server, "shell_server_framed")):
            with self.subTest(server=name):
                _, address = start(name)
                shown = self.session(self.python_client("shell_client_framed", address), *self.SESSION)
                # 它先打印一个空行,回答自己的换行以外又换一行。
                expected = "".join(f"cmd:\n{answer}\n" for answer in self.SHOWN)
                self.assertEqual(shown, expected + "cmd:")

    def test_answers_are_those_of_python(self):
        _, ours = self.our_server(FRAMED)
        _, theirs = self.python_server("shell_server_framed")
        ours, theirs = self.connect(ours), self.connect(theirs)
        for command in (*SAME, "true", "printf '\\377\\0x'", "seq 1 500"):
            with self.subTest(command=command):
                answers = []
                for sock in (theirs, ours):
                    sock.sendall(command.encode())
                    answers.append(framed(sock))
                self.assertEqual(*answers)

    def test_sizes(self):
        servers = ((self.our_server, FRAMED), (self.python_server, "shell_server_framed"))
        addresses = [start(name)[1] for start, name in servers]
        for size in (1, 1023, 1024, 1025, 65_537, 1 << 20):
            command = f"head -c {size} /dev/zero | tr '\\0' x"
            for address in addresses:
                with self.subTest(size=size, address=address):
                    shown = self.session(self.our_client(FRAMED, address), command, "echo after", "bye")
                    self.assertEqual(shown, "x" * size + "\nafter\n")

    def test_gbk(self):
        _, address = self.our_server(FRAMED, "--encoding", "gbk")
        shown = self.session(self.python_client("shell_client_framed", address), "echo 你好吗", "bye")
        self.assertEqual(shown, "cmd:\n你好吗\n\ncmd:")
        shown = self.session(self.our_client(FRAMED, address, "--encoding", "gbk"), "echo 你好吗", "bye")
        self.assertEqual(shown, "你好吗\n")

    def test_both_pipes_are_drained(self):
        _, ours = self.our_server(FRAMED)
        _, theirs = self.python_server("shell_server_framed")
        fill = "head -c {} /dev/zero | tr '\\0' e >&2".format
        # 一根管道装得下的,先读哪一根都行;多一个字节,Python 的就停在那里。
        for address in (theirs, ours):
            sock = self.connect(address)
            sock.sendall(fill(PIPE).encode())
            self.assertEqual(len(framed(sock)), PIPE)
            if address == theirs:
                sock.sendall(fill(PIPE + 1).encode())
                sock.settimeout(1)
                with self.assertRaises(TimeoutError):
                    sock.recv(4)
        for length in (PIPE + 1, 1 << 20):
            sock.sendall(f"{fill(length)}; echo out".encode())
            self.assertEqual(framed(sock), b"out\n" + b"e" * length)

    def test_one_write_is_faster(self):
        medians = []
        for start, name in ((self.python_server, "shell_server_framed"), (self.our_server, FRAMED)):
            sock = self.connect(start(name)[1])
            times = []
            for _ in range(15):
                begun = time.perf_counter()
                sock.sendall(b"echo hi")
                framed(sock)
                times.append(time.perf_counter() - begun)
            medians.append(sorted(times)[len(times) // 2])
        theirs, ours = medians
        self.assertGreater(theirs, 0.038, "两次写,应当等到延迟确认")
        self.assertLess(ours * 2, theirs, "一次写,不应当等")


class Limits(ShellTest):
    """太多、太久、走了:一个进程也不留,内存不会用光。"""

    def ask(self, stage, sock, command):
        """发一个命令,收它的回答。"""
        sock.sendall(command.encode())
        return framed(sock) if stage == FRAMED else sock.recv(65_536)

    def test_too_much(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage)
                sock = self.connect(address)
                for command in ("yes", "yes >&2", "cat /dev/zero"):
                    self.assertIn(str(MOST), self.ask(stage, sock, command).decode())
                self.assertEqual(self.ask(stage, sock, "echo after").strip(), b"after")
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "按了 Ctrl-C")
                self.no_process_left("服务器结束以后")

    def test_memory(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage)
                sock = self.connect(address)
                sock.sendall(f"head -c {MOST} /dev/zero".encode())
                received = framed(sock) if stage == FRAMED else exactly(sock, MOST)
                self.assertEqual(len(received), MOST)
                self.assertIn(str(MOST), self.ask(stage, sock, "yes").decode())
                status = Path(f"/proc/{server.process.pid}/status").read_text()
                peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
                self.assertLess(peak, 64 << 10, "最多用了多少 KiB")

    def test_too_long_with_children(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage, "--longest", "1")
                sock = self.connect(address)
                for command in ("sleep 61 & sleep 62", "(sleep 63 | sleep 64) & echo started", "exec >&- 2>&-; sleep 65"):
                    self.ask_late(stage, sock, command)
                    until(
                        lambda: not [line for line in processes_with(self.mark) if "sleep 6" in line],
                        f"「{command}」的进程应当都结束",
                    )
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "按了 Ctrl-C")

    def ask_late(self, stage, sock, command):
        """关掉了输出的命令,没有边界就没有回答。"""
        silent = command.startswith("exec")
        sock.sendall(command.encode())
        if stage == FRAMED:
            answer = framed(sock)
        elif silent:
            return
        else:
            answer = sock.recv(65_536)
        if not silent:
            self.assertIn("期限", answer.decode())

    def test_ctrl_c_ends_the_command(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage)
                sock = self.connect(address)
                sock.sendall(b"sleep 71 & sleep 72 | sleep 73")
                until(
                    lambda: len([line for line in processes_with(self.mark) if line.startswith("sleep")]) == 3,
                    "三个进程应当都在运行",
                )
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "按了 Ctrl-C")
                self.no_process_left("服务器结束以后")

    def test_clients_that_leave(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage)
                client = self.our_client(stage, address)
                client.type_line("head -c 4000000 /dev/zero | tr '\\0' '\\n'")
                client.output.wait(r"\n", "客户端应当显示了一些")
                client.signal(signal.SIGKILL)
                for _ in range(20):
                    sock = self.connect(address)
                    sock.sendall(b"echo unread; echo unread")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()
                sock = self.connect(address)
                self.assertEqual(self.ask(stage, sock, "echo after").strip(), b"after")
                sock.close()
                server.signal(signal.SIGINT)
                self.assertQuiet(server, "按了 Ctrl-C")
                self.no_process_left("服务器结束以后")

    def test_no_threads_and_descriptors_left(self):
        for stage in (STICKY, FRAMED):
            with self.subTest(stage=stage):
                server, address = self.our_server(stage)
                sock = self.connect(address)
                self.ask(stage, sock, "echo first")
                proc = Path(f"/proc/{server.process.pid}")
                before = [len(os.listdir(proc / name)) for name in ("task", "fd")]
                for _ in range(50):
                    self.ask(stage, sock, "echo again")
                until(
                    lambda: [len(os.listdir(proc / name)) for name in ("task", "fd")] <= before,
                    "五十个命令以后,线程和描述符应当和以前一样多",
                )

    def test_reader_that_never_reads(self):
        waiting = []
        for stage in (STICKY, FRAMED):
            _, address = self.our_server(stage)
            deaf = socket.socket()
            self.addCleanup(deaf.close)
            # 缓冲区小,服务器很快就发不动。
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            host, port = address.rsplit(":", 1)
            deaf.connect((host, int(port)))
            deaf.sendall(f"head -c {MOST} /dev/zero".encode())
            waiting.append((stage, self.connect(address)))
        for stage, sock in waiting:
            with self.subTest(stage=stage):
                # 每一次发送都可能先发出一些:期限要过几次。
                sock.settimeout(6 * PATIENCE)
                self.assertEqual(self.ask(stage, sock, "echo after").strip(), b"after")


if __name__ == "__main__":
    unittest.main()
