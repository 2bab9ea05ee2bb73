"""网站的五个阶段:与 curl、Python 的 http.client 和 http.server、只用套接字的 Python 程序互通。"""

import contextlib
import hashlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path
from urllib.parse import quote

from support import PATIENCE, PEERS, InteropTest, need, python, until

# 给一个目录里的文件的阶段。
STAGES = ("web-static", "web-threads", "web-object", "web-pool")

# 连接留着的阶段。
KEPT = ("web-threads", "web-object", "web-pool")

# Python 的程序也有的阶段。
PYTHON = ("web-fixed", "web-static", "web-threads", "web-object")

INDEX = "<!doctype html><meta charset=utf-8><title>首页</title>你好".encode()
SECRET = b"SECRET outside the root"

# 名字和内容:空的、小的、中文的、带空格的、比一次读写大得多的。
FILES = {
    "index.html": INDEX,
    "style.css": b"body { color: teal }\n",
    "empty.txt": b"",
    "bytes.bin": bytes(range(256)) * 5,
    "你好.txt": "中文".encode(),
    "a b+c&d.txt": b"space",
    "photo.png": b"\x89PNG\r\n\x1a\n",
    "sub/index.html": b"<p>inner</p>",
    "sub/deep/x.js": b"let x = 1;\n",
    "large.bin": bytes(range(251)) * 20_000,
}

# 走出目录的写法;照原样发,不让客户端自己先化简。
OUTSIDE = (
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "//../secret.txt",
    "/..%5csecret.txt",
    "/%252e%252e/secret.txt",
    "/link.txt",
)

# curl 等这么多秒还没有收完,就算等不到(退出码 28)。
STUCK = 2


class WebTest(InteropTest):
    """网站测试的共同部分。"""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="web-")
        self.addCleanup(temporary.cleanup)
        base = Path(temporary.name).resolve()
        self.base = base
        self.root = base / "static"
        for name, content in FILES.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (base / "secret.txt").write_bytes(SECRET)
        (self.root / "link.txt").symlink_to(base / "secret.txt")

    def site(self, stage, *arguments, **options):
        """我们的网站;返回程序和它的 (IP, 端口)。"""
        root = ("--page", self.root / "index.html") if stage == "web-fixed" else ("--root", self.root)
        return self.server(stage, "127.0.0.1:0", *root, *arguments, **options)

    def peer(self, name, *arguments, cwd=None):
        """Python 的网站,在 `cwd` 里;返回程序和它的 (IP, 端口)。"""
        program = self.start(python(PEERS / f"{name}.py", "127.0.0.1:0", *arguments), cwd=cwd or self.base)
        return program, self.listening(program)

    def curl(self, *arguments):
        """运行 curl;返回退出码、标准输出的字节和标准错误。"""
        need("curl")
        command = ["curl", "-sS", "--noproxy", "*", "--max-time", str(PATIENCE), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=3 * PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def get(self, address, target, *arguments):
        """curl 要 `target`,路径照原样发;返回状态和正文。"""
        url = f"http://{address[0]}:{address[1]}{target}"
        code, output, errors = self.curl("--path-as-is", "-w", "\n%{http_code}", *arguments, url)
        self.assertEqual(code, 0, f"curl {url}:{errors}")
        body, status = output.rsplit(b"\n", 1)
        return int(status), body

    def talk(self, address, request):
        """照原样发 `request`,说完了,收到末尾。"""
        with socket.create_connection(address, timeout=PATIENCE) as sock:
            sock.sendall(request)
            sock.shutdown(socket.SHUT_WR)
            return read_to_end(sock)


def read_to_end(sock):
    """收到末尾;复位也算末尾。"""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := sock.recv(65_536):
            received += piece
    return bytes(received)


def few_descriptors():
    """在子进程里:最多开 40 个描述符。"""
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


def target(name):
    """文件名在网址里的样子。"""
    return "/" + quote(name)


class Curl(WebTest):
    """命令行的浏览器。"""

    def test_fixed_page(self):
        _, address = self.site("web-fixed")
        for path in ("/", "/style.css", "/nosuch?x=1"):
            self.assertEqual(self.get(address, path), (200, INDEX), path)

    def test_files(self):
        for stage in STAGES:
            _, address = self.site(stage)
            for name, content in FILES.items():
                with self.subTest(stage=stage, name=name):
                    self.assertEqual(self.get(address, target(name)), (200, content))
                    self.assertEqual(self.get(address, target(name) + "?v=1"), (200, content))
            self.assertEqual(self.get(address, "/"), (200, INDEX))
            self.assertEqual(self.get(address, "/sub/"), (200, FILES["sub/index.html"]))
            # 终端里直接打的中文,curl 不编码。
            self.assertEqual(self.get(address, "/你好.txt"), (200, FILES["你好.txt"]))

    def test_missing_and_outside(self):
        for stage in STAGES:
            _, address = self.site(stage)
            for path in ("/nosuch", "/sub", "/sub/nosuch/", "/index.html/", *OUTSIDE):
                with self.subTest(stage=stage, path=path):
                    status, body = self.get(address, path)
                    self.assertEqual(status, 404)
                    self.assertNotIn(SECRET, body)

    def test_head(self):
        for stage in STAGES:
            _, address = self.site(stage)
            url = f"http://{address[0]}:{address[1]}/style.css"
            code, output, errors = self.curl("--head", url)
            self.assertEqual(code, 0, errors)
            head = output.decode().lower()
            self.assertIn(f"content-length: {len(FILES['style.css'])}\r\n", head)
            self.assertIn("content-type: text/css; charset=utf-8\r\n", head)

    def test_other_methods(self):
        for stage in STAGES:
            _, address = self.site(stage)
            for arguments in (("-X", "DELETE"), ("-d", "a=b"), ("-T", self.root / "large.bin")):
                with self.subTest(stage=stage, arguments=arguments):
                    status, _ = self.get(address, "/x", *arguments)
                    self.assertEqual(status, 405)
            self.assertEqual((self.root / "large.bin").read_bytes(), FILES["large.bin"])

    def test_one_connection_for_two_files(self):
        for stage in STAGES:
            _, (host, port) = self.site(stage)
            urls = [f"http://{host}:{port}/{name}" for name in ("style.css", "nosuch", "bytes.bin")]
            outputs = [word for _ in urls for word in ("-o", "/dev/null")]
            code, output, errors = self.curl("-w", "%{num_connects} ", *outputs, *urls)
            self.assertEqual(code, 0, errors)
            opened = sum(map(int, output.split()))
            self.assertEqual(opened, 1 if stage in KEPT else len(urls), f"{stage} 开了几条连接")

    def test_old_version(self):
        for stage in STAGES:
            _, address = self.site(stage)
            self.assertEqual(self.get(address, "/bytes.bin", "--http1.0"), (200, FILES["bytes.bin"]))

    def test_long_cookie(self):
        for stage in STAGES:
            _, address = self.site(stage)
            for length, status in ((6_000, 200), (20_000, 431)):
                got, _ = self.get(address, "/", "-H", "Cookie: " + "c" * length)
                self.assertEqual(got, status, f"{stage}:{length} 字节的 Cookie")


class HttpClient(WebTest):
    """Python 的 http.client。"""

    def test_one_connection(self):
        for stage in KEPT:
            _, address = self.site(stage)
            connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
            self.addCleanup(connection.close)
            sockets = set()
            for method in ("GET", "HEAD"):
                for name, content in FILES.items():
                    connection.request(method, target(name))
                    sockets.add(connection.sock)
                    answer = connection.getresponse()
                    self.assertEqual(answer.status, 200, name)
                    self.assertEqual(answer.getheader("Content-Length"), str(len(content)), name)
                    self.assertEqual(answer.read(), content if method == "GET" else b"", name)
            self.assertEqual(len(sockets), 1, f"{stage} 应当一直是同一条连接")

    def test_many_at_once(self):
        for stage in KEPT:
            server, address = self.site(stage, "--quiet")
            wrong = []

            def visit(address=address, wrong=wrong):
                try:
                    connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
                    for _ in range(20):
                        connection.request("GET", "/bytes.bin")
                        answer = connection.getresponse()
                        if (answer.status, answer.read()) != (200, FILES["bytes.bin"]):
                            wrong.append(answer.status)
                    connection.close()
                except OSError as error:
                    wrong.append(error)

            visitors = [threading.Thread(target=visit) for _ in range(50)]
            for visitor in visitors:
                visitor.start()
            for visitor in visitors:
                visitor.join(6 * PATIENCE)
            self.assertEqual(wrong, [], stage)
            server.signal(signal.SIGINT)
            self.assertQuiet(server, "Ctrl-C 以后")

    def test_full_pool(self):
        _, address = self.site("web-pool", "--workers", "1", "--queue", "1")
        # 说一半的占着工作线程;后来的有一位排队,再来的得到 503。
        holders = [socket.create_connection(address, timeout=PATIENCE) for _ in range(3)]
        for holder in holders:
            self.addCleanup(holder.close)
            holder.sendall(b"GET / HT")
        connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 503)
        self.assertTrue(answer.getheader("Retry-After", "").isdigit())
        self.assertEqual(answer.getheader("Connection"), "close")
        for holder in holders:
            holder.close()
        until(lambda: self.get(address, "/")[0] == 200, "有人走了,应当又有回答")


class PythonServer(WebTest):
    """Python 自带的 http.server 在旁边:同样的请求,同样的正文和状态。"""

    def test_side_by_side(self):
        theirs = self.start(python("-m", "http.server", "--bind", "127.0.0.1", "0"), cwd=self.root)
        found = theirs.output.wait(r"port (\d+)", "应当说出端口")
        beside = ("127.0.0.1", int(found[1]))
        targets = [target(name) for name in FILES]
        targets += ["/", "/?a=b", "/sub/", "/nosuch", "/nosuch/", "/index.html/", *OUTSIDE[:-1]]
        for stage in STAGES:
            _, address = self.site(stage)
            for path in targets:
                with self.subTest(stage=stage, path=path):
                    status, body = self.get(address, path)
                    wanted, content = self.get(beside, path)
                    self.assertEqual(status, wanted)
                    if status == 200:
                        self.assertEqual(body, content)
            for path in ("/index.html", "/style.css", "/photo.png", "/empty.txt"):
                kinds = [self.kind(one, path) for one in (address, beside)]
                self.assertEqual(kinds[0].split(";")[0], kinds[1], path)

    def kind(self, address, path):
        """回答里的类型。"""
        connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse().getheader("Content-Type")


class SocketPrograms(WebTest):
    """只用套接字写的 Python 程序:两边都听得懂;他们的毛病,我们没有。"""

    def test_python_client(self):
        for stage in PYTHON:
            _, (host, port) = self.site(stage)
            client = self.start(python(PEERS / "web_client.py", f"{host}:{port}", "/"))
            self.assertQuiet(client, stage)
            head, body = client.output.data.split(b"\r\n\r\n", 1)
            self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"), head)
            self.assertEqual(body, INDEX)

    def test_python_server_fixed(self):
        """不说长度,但是关闭:收到末尾就是完了。"""
        _, address = self.peer("web_server_fixed", cwd=self.root)
        self.assertEqual(self.get(address, "/anything"), (200, INDEX))
        client = self.start(python(PEERS / "web_client.py", f"{address[0]}:{address[1]}", "/"))
        self.assertQuiet(client, "收到末尾")

    def test_no_length_and_no_close(self):
        """不说长度也不关闭:curl 收到了正文,还在等(退出码 28)。我们的不用等。"""
        _, (host, port) = self.peer("web_server_threads")
        code, output, _ = self.curl("--max-time", STUCK, f"http://{host}:{port}/style.css")
        self.assertEqual((code, output), (28, FILES["style.css"]))
        _, (host, port) = self.site("web-threads")
        code, output, _ = self.curl("--max-time", STUCK, f"http://{host}:{port}/style.css")
        self.assertEqual((code, output), (0, FILES["style.css"]))

    def test_receives_after_close(self):
        """关闭以后还接着收:回答没有错,每个请求却打印一个异常。"""
        server, address = self.peer("web_server_threads", "close")
        self.assertEqual(self.get(address, "/style.css"), (200, FILES["style.css"]))
        server.errors.wait("Bad file descriptor", "应当有 EBADF")
        ours, address = self.site("web-object")
        self.assertEqual(self.get(address, "/style.css"), (200, FILES["style.css"]))
        self.assertEqual(ours.errors.text(), "")

    def test_paths(self):
        """路径不解码、不检查:外面的给出去,里面的中文名反而没有。"""
        _, theirs = self.peer("web_server_threads", "close")
        _, ours = self.site("web-threads")
        self.assertEqual(self.get(theirs, "/../secret.txt"), (200, SECRET))
        self.assertEqual(self.get(ours, "/../secret.txt")[0], 404)
        for path, content in ((target("你好.txt"), FILES["你好.txt"]), ("/style.css?v=1", FILES["style.css"])):
            self.assertEqual(self.get(theirs, path)[0], 404, path)
            self.assertEqual(self.get(ours, path), (200, content), path)

    def test_one_receive(self):
        """收一次当作一个请求:分两段到的,第一段就错了。"""
        _, theirs = self.peer("web_server_threads", "close")
        _, ours = self.site("web-threads")
        with socket.create_connection(theirs, timeout=PATIENCE) as sock:
            sock.sendall(b"GET /style")
            self.assertEqual(read_to_end(sock).split()[1], b"404")
        with socket.create_connection(ours, timeout=PATIENCE) as sock:
            sock.sendall(b"GET /style")
            sock.sendall(b".css HTTP/1.1\r\nConnection: close\r\n\r\n")
            self.assertEqual(read_to_end(sock).split()[1], b"200")

    def test_garbage(self):
        """没有第二个词:线程抛异常,连接却没有关。我们的回答 400,接着服务。"""
        server, address = self.peer("web_server_threads", "close")
        with socket.create_connection(address, timeout=PATIENCE) as sock:
            sock.sendall(b"GARBAGE\r\n\r\n")
            server.errors.wait("IndexError", "应当有 IndexError")
        for stage in STAGES:
            server, address = self.site(stage)
            for garbage in (b"GARBAGE\r\n\r\n", b"\xff\xfe\r\n\r\n", b"BREW\r\n\r\n", b"GET / NONSENSE\r\n\r\n"):
                self.assertTrue(self.talk(address, garbage).startswith(b"HTTP/1.1 400 "), (stage, garbage))
            self.assertEqual(self.get(address, "/")[0], 200)
            self.assertNotIn("panicked", server.errors.text())


class Life(WebTest):
    """一直运行:描述符用完、许多只说一半的、输出没有人看、Ctrl-C。"""

    def test_out_of_descriptors(self):
        for stage in KEPT:
            more = ("--workers", "20", "--queue", "100") if stage == "web-pool" else ()
            server, address = self.site(stage, "--quiet", *more, preexec_fn=few_descriptors)
            peers = [socket.create_connection(address, timeout=PATIENCE) for _ in range(60)]
            server.errors.wait("太多了", "应当说描述符用完了")
            for peer in peers:
                peer.close()
            self.assertEqual(self.get(address, "/style.css"), (200, FILES["style.css"]), stage)
            server.signal(signal.SIGINT)
            self.assertEqual(server.wait("Ctrl-C 以后应当结束"), 0, stage)

    def test_slow_heads(self):
        for stage in ("web-threads", "web-object"):
            _, address = self.site(stage)
            peers = [socket.create_connection(address, timeout=PATIENCE) for _ in range(200)]
            for peer in peers:
                self.addCleanup(peer.close)
                peer.sendall(b"GET / HTTP/1.1\r\nX: ")
            self.assertEqual(self.get(address, "/"), (200, INDEX), stage)

    def test_nobody_reads_the_log(self):
        """和 `| head -1` 一样:没有人看了,安静地结束。"""
        for stage in ("web-fixed", *STAGES):
            reader, writer = os.pipe()
            root = ("--page", self.root / "index.html") if stage == "web-fixed" else ("--root", self.root)
            server = self.course(stage, "127.0.0.1:0", *root, stdout=writer)
            os.close(writer)
            with open(reader, encoding="utf-8") as output:
                host, port = output.readline().strip().removeprefix("监听 ").split(":")
            with contextlib.suppress(OSError):
                self.talk((host, int(port)), b"GET / HTTP/1.0\r\n\r\n")
            self.assertQuiet(server, stage)
            self.assertEqual(server.errors.text(), "", stage)

    def test_ctrl_c(self):
        for stage in ("web-fixed", *STAGES):
            server, address = self.site(stage)
            self.assertEqual(self.get(address, "/"), (200, INDEX))
            server.signal(signal.SIGINT)
            self.assertQuiet(server, stage)
            self.assertEqual(server.errors.text(), "", stage)
            log = server.output.text().splitlines()[1:]
            self.assertEqual(len(log), 1, log)
            self.assertRegex(log[0], rf'^127\.0\.0\.1:\d+ "GET / HTTP/1\.1" 200 {len(INDEX)}$')

    def test_file_changes_while_it_is_sent(self):
        """文件发到一半变短:说好的长度给不出来,只能断开;别人不受影响。"""
        for stage in STAGES:
            name = self.root / "shrinks.bin"
            name.write_bytes(bytes(64 << 20))
            server, address = self.site(stage)
            with socket.create_connection(address, timeout=PATIENCE) as sock:
                sock.sendall(b"GET /shrinks.bin HTTP/1.1\r\n\r\n")
                first = sock.recv(65_536)
                name.write_bytes(b"")
                rest = read_to_end(sock)
            self.assertTrue(first.startswith(b"HTTP/1.1 200"), first[:100])
            self.assertLess(len(first) + len(rest), 64 << 20, stage)
            server.errors.wait("变短", "应当说文件变短了")
            self.assertEqual(self.get(address, "/")[0], 200, stage)

    def test_large_file(self):
        content = bytes(range(256)) * (256 << 10)
        (self.root / "huge.bin").write_bytes(content)
        for stage in STAGES:
            _, address = self.site(stage)
            status, body = self.get(address, "/huge.bin")
            self.assertEqual(status, 200)
            self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(content).digest(), stage)


if __name__ == "__main__":
    unittest.main()
