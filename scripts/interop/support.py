"""互通测试共用的工具:启动程序、等它的输出、UDP 套接字、缺工具时怎么办。

用到的外部工具和环境变量:
  BIN_DIR        编译好的程序在哪里,默认 target/debug
  COURSE_STRICT  为 1 时,缺工具、没有权限都算失败,不跳过(CI 用)
"""

import atexit
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKSPACE = HERE.parent.parent
PEERS = HERE / "peers"
SERVERS = HERE / "servers"
BIN_DIR = (WORKSPACE / os.environ.get("BIN_DIR", "target/debug")).resolve()
STRICT = os.environ.get("COURSE_STRICT") == "1"

# 每一步最多等这么多秒:机器再忙,也不会误判。
PATIENCE = 10

# IPv4 上一个数据报最多装的字节数(RFC 791、RFC 768)。
LARGEST = 65_507

# 与测试的终端设置无关,输出一律 UTF-8,不缓冲。
ENVIRONMENT = {
    **os.environ,
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "RUST_BACKTRACE": "0",
}


# 正在运行的程序:测试自己被打断时(Ctrl-C、SIGTERM),也要把它们都结束。
RUNNING = set()


@atexit.register
def end_all():
    for program in list(RUNNING):
        program.end()


def interrupted(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGTERM, interrupted)


def binary(name):
    """编译好的程序的路径。"""
    path = BIN_DIR / name
    if not path.exists():
        raise FileNotFoundError(f"没有 {path}:先运行 cargo build --workspace,或者用 BIN_DIR 指出它在哪里")
    return str(path)


def python(path, *arguments):
    """运行一个 Python 程序的命令。"""
    return [sys.executable, str(path), *map(str, arguments)]


def missing(reason):
    """环境里缺东西:平时跳过,COURSE_STRICT=1 时失败。"""
    if STRICT:
        raise AssertionError(f"COURSE_STRICT=1 时不许跳过:{reason}")
    raise unittest.SkipTest(reason)


def need(*tools):
    """测试要用这些外部工具。"""
    for tool in tools:
        if shutil.which(tool) is None:
            missing(f"没有安装 {tool}")


def until(condition, what, patience=PATIENCE):
    """等条件成立,返回它的值;到了期限就失败。`what` 是「应当……」。"""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            detail = what() if callable(what) else what
            raise AssertionError(f"等了 {patience} 秒,{detail}")
        pause.wait(0.02)


def children(pid):
    """一个进程的直接子进程(proc(5))。"""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def udp_port_of(program):
    """程序的 UDP 套接字绑定在哪个端口:它打开的套接字在 /proc/net/udp 里的那一行(proc(5))。"""

    def look():
        inodes = {f"socket:[{line.split()[9]}]": line.split()[1] for line in udp_table()}
        for entry in Path(f"/proc/{program.process.pid}/fd").iterdir():
            try:
                local = inodes.get(os.readlink(entry))
            except OSError:
                continue
            if local:
                return int(local.split(":")[1], 16)
        return None

    return until(look, "程序应当绑定一个 UDP 端口")


def udp_table():
    """Linux 的 UDP 套接字表,每个套接字一行。"""
    return Path("/proc/net/udp").read_text().splitlines()[1:]


class Stream:
    """程序的一股输出:一个线程一直在读,免得程序被堵住。"""

    def __init__(self, pipe):
        self.data = b""
        self.ended = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._fill, args=(pipe,), daemon=True)
        self.thread.start()

    def _fill(self, pipe):
        with pipe:
            while chunk := os.read(pipe.fileno(), 1 << 16):
                with self.changed:
                    self.data += chunk
                    self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def text(self):
        """到现在为止的全部输出。"""
        with self.changed:
            return self.data.decode("utf-8", "backslashreplace")

    def wait(self, pattern, what, patience=PATIENCE):
        """等输出里出现 `pattern`(正则),返回匹配。"""
        regex = re.compile(pattern)
        found = None

        def look():
            nonlocal found
            found = regex.search(self.data.decode("utf-8", "backslashreplace"))
            return found or self.ended

        with self.changed:
            self.changed.wait_for(look, patience)
        if found:
            return found
        raise AssertionError(f"{what}:输出里应当有「{pattern}」,却是:\n{self.text()[-2000:]}")


class Program:
    """一个正在运行的程序,自成一个进程组。"""

    def __init__(self, argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options):
        options.setdefault("env", ENVIRONMENT)
        self.argv = [str(word) for word in argv]
        self.process = subprocess.Popen(
            self.argv,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
            **options,
        )
        RUNNING.add(self)
        self.output = Stream(self.process.stdout) if self.process.stdout else None
        self.errors = Stream(self.process.stderr)

    def type(self, text):
        """打字,不按回车;文字按 UTF-8,字节照原样。程序不读,到期限就失败。"""
        view = memoryview(text.encode() if isinstance(text, str) else text)
        pipe = self.process.stdin.fileno()
        os.set_blocking(pipe, False)
        deadline = time.monotonic() + PATIENCE
        while view:
            _, writable, _ = select.select([], [pipe], [], max(0, deadline - time.monotonic()))
            if not writable:
                raise AssertionError(f"等了 {PATIENCE} 秒,程序应当读走输入,还剩 {len(view)} 字节:{self.argv}")
            view = view[os.write(pipe, view):]
        return self

    def type_line(self, text):
        """打一行字,按回车。"""
        return self.type(text + "\n")

    def end_input(self):
        """标准输入到此为止。"""
        self.process.stdin.close()
        return self

    def signal(self, number):
        """给整个进程组发信号。"""
        os.killpg(self.process.pid, number)

    def wait(self, what="程序应当自己结束", patience=PATIENCE):
        """等程序结束,返回退出码;输出也都收齐了。"""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            shown = self.output.text()[-1000:] if self.output else ""
            raise AssertionError(
                f"{what},等了 {patience} 秒还没有:{self.argv}\n{shown}{self.errors.text()[-1000:]}"
            ) from None
        for stream in (self.output, self.errors):
            if stream:
                stream.thread.join(patience)
        return code

    def end(self):
        """结束整个进程组;已经结束了也没关系。"""
        RUNNING.discard(self)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for stream in (self.output, self.errors):
            if stream:
                stream.thread.join(PATIENCE)
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                pass


class InteropTest(unittest.TestCase):
    """测试的共同部分。"""

    maxDiff = None
    longMessage = True

    def start(self, argv, **options):
        """启动一个程序;测试结束时它一定被结束。"""
        program = Program(argv, **options)
        self.addCleanup(program.end)
        return program

    def course(self, name, *arguments, **options):
        """启动课程的一个程序。"""
        return self.start([binary(name), *map(str, arguments)], **options)

    def server(self, name, *arguments, **options):
        """启动课程的一个服务器(监听地址写 127.0.0.1:0),返回程序和它的 (IP, 端口)。"""
        program = self.course(name, *arguments, **options)
        return program, self.listening(program)

    def listening(self, program):
        """等程序打印「监听 IP:PORT」,返回 (IP, 端口)。"""
        found = program.output.wait(r"^监听 (\S+):(\d+)\n", "第一行应当是「监听 IP:PORT」")
        return found[1].strip("[]"), int(found[2])

    def udp(self, address=("127.0.0.1", 0), family=socket.AF_INET):
        """开一个绑定好的 UDP 套接字。"""
        sock = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE)
        sock.bind(address)
        return sock

    def receive(self, sock, what):
        """等一个数据报:(内容, 发送方)。"""
        try:
            return sock.recvfrom(65_536)
        except TimeoutError:
            self.fail(f"{what}:等了 {PATIENCE} 秒,什么也没有收到")

    def assertNothingMore(self, sock, what):
        """套接字的接收队列应当是空的。"""
        sock.setblocking(False)
        try:
            extra = sock.recvfrom(65_536)
        except BlockingIOError:
            return
        finally:
            sock.settimeout(PATIENCE)
        self.fail(f"{what}:不应当再有数据报,却又收到 {extra}")

    def assertQuiet(self, program, what, code=0):
        """程序应当以退出码 `code` 结束,没有恐慌。"""
        actual = program.wait(f"{what},应当结束")
        errors = program.errors.text()
        self.assertEqual(actual, code, f"{what}:退出码应当是 {code};标准错误:{errors[-1000:]}")
        self.assertNotIn("panicked", errors, f"{what}:不应当恐慌")


def host_port(sock):
    """套接字的地址,写成命令行里的样子。"""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
