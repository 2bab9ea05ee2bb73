"""流式的远程命令:放在管道里、在真的终端里,和一个自己拼帧的 Python 客户端。"""

import os
import shlex
import socket
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_terminal  # 只导入模块:导入了测试类,unittest 会再运行它们一遍
from support import ENVIRONMENT, PATIENCE, InteropTest, binary, need, until

STREAM = os.environ.get("SHELL_BINARY", "shell-stream")

COMMAND, STDIN, STDIN_END, INTERRUPT = 1, 2, 3, 4
HELLO, STDOUT, STDERR, CONSUMED, DIRECTORY, EXIT, ERROR = 16, 17, 18, 19, 20, 21, 22

# 收尾的最多等这么久,秒:打包几百个文件,在忙的机器上也够。
LONG = 6 * PATIENCE


class Frames:
    """一条连接,自己拼帧、拆帧。"""

    def __init__(self, address):
        self.sock = socket.create_connection(address, PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exactly(self, length):
        received = bytearray()
        while len(received) < length:
            chunk = self.sock.recv(length - len(received))
            if not chunk:
                return None
            received += chunk
        return bytes(received)

    def receive(self):
        """一帧的种类和内容;连接结束是 None。"""
        header = self.exactly(4)
        if header is None:
            return None
        body = self.exactly(struct.unpack(">I", header)[0])
        return body and (body[0], body[1:])

    def send(self, kind, content=b""):
        self.sock.sendall(struct.pack(">IB", 1 + len(content), kind) + content)

    def run(self, line, stdin=None):
        """运行一个命令:(标准输出, 标准错误, 怎样结束, 数值)。"""
        self.send(COMMAND, bytes([stdin is not None]) + line.encode())
        if stdin is not None:
            for start in range(0, len(stdin), 1 << 16):
                self.send(STDIN, stdin[start:start + (1 << 16)])
            self.send(STDIN_END)
        return self.finish()

    def finish(self):
        output = {STDOUT: b"", STDERR: b"", CONSUMED: b"", DIRECTORY: b""}
        while True:
            frame = self.receive()
            if frame is None:
                raise AssertionError(f"命令还没有结束,连接就断了:{output}")
            kind, content = frame
            if kind == EXIT:
                return output[STDOUT], output[STDERR], *struct.unpack(">BI", content)
            output[kind] += content


class StreamTest(InteropTest):
    """一台服务器,和一个空目录。"""

    options = ()

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="shell-stream-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name).resolve()
        self.program, self.address = self.server(
            STREAM, "server", "127.0.0.1:0", *self.options, cwd=self.directory
        )
        self.target = "{}:{}".format(*self.address)

    def frames(self):
        frames = Frames(self.address)
        self.addCleanup(frames.sock.close)
        kind, content = frames.receive()
        self.assertEqual(kind, HELLO)
        self.assertEqual(content, b"\x01\x05utf-8" + str(self.directory).encode())
        return frames

    def shell(self, script):
        """在本机的 shell 里运行,`$S` 是「在服务器上运行」。"""
        words = [binary(STREAM), "client", self.target, "--"]
        environment = {**ENVIRONMENT, "S": shlex.join(words)}
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail\n{script}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONG,
            cwd=self.directory,
        )


class ByHand(StreamTest):
    """自己拼帧。"""

    def test_three_commands_on_one_connection(self):
        frames = self.frames()
        self.assertEqual(frames.run("echo 你好"), ("你好\n".encode(), b"", 0, 0))
        self.assertEqual(frames.run("echo no >&2; exit 3"), (b"", b"no\n", 0, 3))
        self.assertEqual(frames.run("kill -9 $$"), (b"", b"", 1, 9))

    def test_stdin_as_large_as_the_window(self):
        frames = self.frames()
        content = os.urandom(512 << 10)
        self.assertEqual(frames.run("cat", content), (content, b"", 0, 0))

    def test_interrupt(self):
        frames = self.frames()
        frames.send(COMMAND, b"\0exec tail -f /dev/null")
        # 别人来回一次,它多半已经启动;早了也没有关系,再说一遍。
        self.frames().run("true")
        frames.send(INTERRUPT)
        self.assertEqual(frames.finish(), (b"", b"", 1, 2))

    def test_cd(self):
        (self.directory / "里 面").mkdir()
        frames = self.frames()
        self.assertEqual(frames.run("cd '里 面'")[2:], (0, 0))
        self.assertEqual(frames.run("pwd")[0].decode(), f"{self.directory}/里 面\n")
        self.assertEqual(frames.run("cd -")[2:], (0, 0))
        self.assertEqual(frames.run("pwd")[0].decode(), f"{self.directory}\n")
        # 一串命令里的,只在那一行里有效。
        self.assertEqual(frames.run("cd / && pwd")[0], b"/\n")
        self.assertEqual(frames.run("pwd")[0].decode(), f"{self.directory}\n")

    def test_a_directory_that_is_gone(self):
        (self.directory / "gone").mkdir()
        frames = self.frames()
        frames.run("cd gone")
        (self.directory / "gone").rmdir()
        output, errors, how, code = frames.run("echo hi")
        self.assertEqual((output, how, code), (b"", 0, 126))
        self.assertIn("gone", errors.decode())
        self.assertEqual(frames.run("cd /")[2:], (0, 126), "那里连 cd 也运行不了")

    def test_nonsense(self):
        for content in (b"\0\0\0\0", struct.pack(">I", 1 << 30), b"\0\0\0\1\x63", b"echo hi\n"):
            frames = self.frames()
            frames.sock.sendall(content)
            kind, text = frames.receive()
            self.assertEqual(kind, ERROR)
            self.assertTrue(text.decode())
            self.assertIsNone(frames.receive())
        self.assertEqual(self.frames().run("echo hi")[0], b"hi\n")


class InPipes(StreamTest):
    """client … -- 命令,和别的程序接在一起。"""

    def test_tar_through_the_connection(self):
        need("tar", "diff")
        source = self.directory / "source"
        for number in range(200):
            folder = source / str(number % 7)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.bin").write_bytes(os.urandom(number * 97))
        (self.directory / "copy").mkdir()
        done = self.shell("tar -C source -c . | $S 'tar -C copy -x' && diff -r source copy")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        # 反过来:那边打包,这边打开。
        (self.directory / "back").mkdir()
        done = self.shell("$S tar -C source -c . | tar -C back -x && diff -r source back")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_exit_codes_drive_the_shell(self):
        done = self.shell("$S true && echo yes; $S false || echo no; $S 'exit 42'; echo $?")
        self.assertEqual((done.stdout, done.stderr), (b"yes\nno\n42\n", b""))

    def test_head_ends_it_quietly(self):
        done = self.shell("set +o pipefail; $S yes | head -2; echo ${PIPESTATUS[0]}")
        self.assertEqual((done.stdout, done.stderr), (b"y\ny\n0\n", b""))

    def test_yes_is_stopped_by_the_other_side(self):
        done = self.shell("set +o pipefail; yes | $S head -2")
        self.assertEqual((done.stdout, done.stderr), (b"y\ny\n", b""))

    def test_both_ends_are_the_same_program(self):
        done = self.shell("head -c 3000000 /dev/urandom | tee here | $S cat | $S cat | $S 'cat > there'; cmp here there")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_stderr_stays_apart(self):
        done = self.shell("$S 'echo out; echo err >&2' 2>errors; cat errors >&2")
        self.assertEqual((done.stdout, done.stderr), (b"out\n", b"err\n"))

    def test_closed_streams(self):
        done = self.shell("$S 'cat; echo hi' <&-; $S 'echo lost' >&-; echo $?; $S 'echo e >&2' 2>&-; echo $?")
        self.assertEqual((done.stdout, done.stderr), (b"hi\n0\n0\n", b""))

    def test_commands_from_a_file(self):
        done = self.shell(f"printf 'cd /\\npwd\\nfalse\\ncat\\n\\nbye\\necho no\\n' | {binary(STREAM)} client {self.target}")
        self.assertEqual((done.returncode, done.stdout), (0, b"/\n"))
        self.assertRegex(done.stderr.decode(), r"\A从 \S+ 连到 \S+\n退出码 1\n\Z")

    def test_mistakes(self):
        client = f"{binary(STREAM)} client"
        for words, code, said in (
            (f"{client} -- echo hi", 2, "还缺 "),
            (f"{client} {self.target} echo hi", 2, "echo"),
            (f"{client} 127.0.0.1:1 -- echo hi", 255, "连不上"),
            (f"{client} {self.target} -- ''", 255, "没有发出"),
            (f"{client} {self.target} -- $'a\\xff'", 2, "UTF-8"),
        ):
            done = self.shell(words)
            self.assertEqual((done.returncode, done.stdout), (code, b""), words)
            self.assertIn(said, done.stderr.decode(), words)
            self.assertTrue(done.stderr.decode().startswith("错误:"), words)


class InATerminal(test_terminal.TerminalTest):
    """坐在终端前。"""

    def client(self, *words, **size):
        program, address = self.server(STREAM, "server", "127.0.0.1:0", cwd="/")
        target = "{}:{}".format(*address)
        return self.pane(shlex.join([binary(STREAM), "client", target, *words]), **size)

    def assertEnds(self, pane, code, what):
        lines = pane.wait_text("终端完毕", f"{what},程序应当结束")
        self.assertIn(f"退出码 {code}", lines, what)
        text = "\n".join(lines)
        for setting in ("icanon", "echo", "isig", "icrnl", "opost"):
            self.assertRegex(text, rf"(?<![-\w]){setting}\b", f"{what}:终端的 {setting} 应当打开着")
        self.assertNotIn("panicked", text)
        return lines

    def test_a_session(self):
        pane = self.client()
        pane.wait(lambda lines: lines[-1] == "/>", "应当有提示符,说出在哪里")
        pane.type("cd /usr").press("Enter")
        pane.wait(lambda lines: lines[-1] == "/usr>", "提示符应当跟着目录走")
        pane.type("printf 你好; exit 3").press("Enter")
        pane.wait(lambda lines: lines[-3:] == ["你好", "退出码 3", "/usr>"], "应当显示输出和退出码")
        pane.type("bye").press("Enter")
        self.assertEnds(pane, 0, "打了 bye")

    def test_ctrl_c_interrupts_then_ends(self):
        pane = self.client()
        pane.wait(lambda lines: lines[-1] == "/>", "应当有提示符")
        pane.type("tail -n 1 -f /etc/passwd").press("Enter")
        pane.wait(lambda lines: lines[-1].count(":") == 6, "应当在运行")
        pane.press("C-c")
        pane.wait(lambda lines: lines[-3:] == ["^C", "被信号 2 结束", "/>"], "应当中断那边的命令")
        pane.press("C-c")
        self.assertEnds(pane, 0, "在提示符上按 Ctrl-C")

    def test_ctrl_c_twice(self):
        pane = self.client("--", "trap 'echo 不' INT; echo 开始; while :; do sleep 0.1; done")
        pane.wait_text("开始", "应当在运行")
        pane.press("C-c")
        pane.wait_text("不", "那边不理")
        pane.press("C-c")
        self.assertEnds(pane, 130, "又按一次")

    def test_ctrl_d(self):
        pane = self.client()
        pane.wait(lambda lines: lines[-1] == "/>", "应当有提示符")
        pane.press("C-d")
        self.assertEnds(pane, 0, "按 Ctrl-D")

    def test_typing_into_the_command(self):
        pane = self.client("--", "sort -r; echo 完")
        pane.type("一").press("Enter").type("二").press("Enter").press("C-d")
        lines = self.assertEnds(pane, 0, "按 Ctrl-D")
        self.assertEqual(lines[:5], ["一", "二", "二", "一", "完"])


if __name__ == "__main__":
    unittest.main()
