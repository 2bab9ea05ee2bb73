"""完整的 HTTP/1.1:curl、wget、Python 的 http.client,和它们看到的一样;课程自己的讲义也由它来给。"""

import contextlib
import functools
import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from support import ENVIRONMENT, PATIENCE, WORKSPACE, InteropTest, need, until

STAGES = ("web-http", "web-poll")

NOTES = WORKSPACE / "docs" / "notes"

# 大文件,字节:比套接字缓冲区大。
LARGE = 8 << 20

# 最后写好的文件。
LAST = "empty"

SECRET = "根目录外面的秘密"


@functools.cache
def pattern(length):
    """每一处都不一样的内容。"""
    return b"".join(b"%7d " % n for n in range(length // 8 + 1))[:length]


def on_each_stage(*options, root=None):
    """对每个阶段都做一遍:启动它,给 `root`(不写就是测试自己的目录),把地址和程序交给测试。"""

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for stage in STAGES:
                with self.subTest(stage):
                    program, (host, port) = self.server(stage, "127.0.0.1:0", "--root", root or self.root, *options)
                    if root is None:
                        self.settle(host, port)
                    test(self, f"{host}:{port}", program)
                    program.end()

        return run

    return decorate


class Website(InteropTest):
    """一个网站,和外面的一个秘密。"""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="web-")
        self.addCleanup(temporary.cleanup)
        self.base = Path(temporary.name).resolve()
        self.root = self.base / "root"
        (self.root / "目录").mkdir(parents=True)
        (self.base / "secret.txt").write_text(SECRET)
        (self.root / "link").symlink_to(self.base / "secret.txt")
        self.put("index.html", "<!doctype html><title>首页</title>你好\n".encode())
        self.put("目录/文件 1.txt", "内容\n".encode())
        self.put("large.bin", pattern(LARGE))
        self.put(LAST, b"")

    def settle(self, host, port):
        """等刚刚写好的文件都有了校验器:刚刚改过的,同一刻里还可能再变,先不给。"""

        def settled():
            connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
            with contextlib.closing(connection):
                connection.request("HEAD", "/" + quote(LAST))
                return connection.getresponse().headers["ETag"]

        until(settled, "文件应当有 ETag")

    def put(self, name, content):
        (self.root / name).write_bytes(content)

    def tool(self, *argv, code=0, cwd=None):
        """运行一个工具,返回它的标准输出。"""
        done = subprocess.run(
            [str(word) for word in argv],
            capture_output=True,
            timeout=3 * PATIENCE,
            cwd=cwd or self.base,
            env=ENVIRONMENT,
            check=False,
        )
        self.assertEqual(done.returncode, code, f"{argv}\n{done.stderr.decode(errors='replace')}")
        return done.stdout

    def curl(self, *arguments, code=0):
        return self.tool("curl", "--silent", "--show-error", "--max-time", PATIENCE, *arguments, code=code)


class Curl(Website):
    """curl 的各种要法。"""

    def setUp(self):
        super().setUp()
        need("curl")

    @on_each_stage()
    def test_files(self, address, _):
        for path in sorted(self.root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = quote(path.relative_to(self.root).as_posix())
                self.assertEqual(self.curl(f"http://{address}/{name}"), path.read_bytes(), name)

    @on_each_stage()
    def test_keep_alive(self, address, _):
        urls = [f"http://{address}/empty", f"http://{address}/", f"http://{address}/nosuch"] * 5
        outputs = [word for _ in urls for word in ("--output", os.devnull)]
        count = self.curl("--write-out", "%{num_connects} %{http_code}\n", *outputs, *urls).decode()
        opened = [line.split()[0] for line in count.splitlines()]
        self.assertEqual(opened, ["1"] + ["0"] * (len(urls) - 1), "15 个请求只用一条连接")

    @on_each_stage()
    def test_head(self, address, _):
        head = self.curl("--head", f"http://{address}/large.bin").decode()
        self.assertIn("HTTP/1.1 200 OK", head)
        self.assertIn(f"Content-Length: {LARGE}\r\n", head)
        # 同一条连接上,HEAD 之后的回答没有错位。
        both = self.curl("--head", f"http://{address}/", "--next", "--silent", f"http://{address}/large.bin")
        self.assertTrue(both.endswith(pattern(LARGE)))

    @on_each_stage()
    def test_ranges(self, address, _):
        content = pattern(LARGE)
        url = f"http://{address}/large.bin"
        for asked, expected in (
            ("0-0", content[:1]),
            ("100-199", content[100:200]),
            ("-10", content[-10:]),
            (f"{LARGE - 5}-", content[-5:]),
            (f"10-{LARGE * 2}", content[10:]),
        ):
            self.assertEqual(self.curl("--range", asked, url), expected, asked)
        status = self.curl("--range", f"{LARGE}-", "--write-out", "%{http_code}", "--output", os.devnull, url)
        self.assertEqual(status, b"416")

    @on_each_stage()
    def test_several_ranges(self, address, _):
        content = pattern(LARGE)
        answer = self.curl("--include", "--range", "0-9,20-29,-5", f"http://{address}/large.bin")
        head, body = answer.split(b"\r\n\r\n", 1)
        boundary = re.search(rb"multipart/byteranges; boundary=(\S+)", head)[1].strip(b'"')
        parts = body.split(b"--" + boundary)[1:-1]
        contents = [part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for part in parts]
        self.assertEqual(contents, [content[:10], content[20:30], content[-5:]])

    @on_each_stage()
    def test_resume(self, address, _):
        content = pattern(LARGE)
        saved = self.base / "saved"
        for begun in (0, 1, LARGE // 2, LARGE - 1):
            saved.write_bytes(content[:begun])
            self.curl("--continue-at", "-", "--output", saved, f"http://{address}/large.bin")
            self.assertEqual(saved.read_bytes(), content, f"从 {begun} 接着下")

    @on_each_stage()
    def test_time_condition(self, address, _):
        url = f"http://{address}/large.bin"
        status = ("--write-out", "%{http_code} %{size_download}", "--output", os.devnull)
        changed = (self.root / "large.bin").stat().st_mtime
        later = formatdate(changed + 10, usegmt=True)
        before = formatdate(changed - 10, usegmt=True)
        self.assertEqual(self.curl("--time-cond", later, *status, url), b"304 0")
        self.assertEqual(self.curl("--time-cond", before, *status, url), f"200 {LARGE}".encode())
        # 收到的文件带着服务器的时间,下一次只问有没有更新。
        saved = self.base / "saved"
        self.curl("--remote-time", "--output", saved, url)
        self.assertEqual(int(saved.stat().st_mtime), int(changed))
        self.assertEqual(self.curl("--time-cond", saved, *status, url), b"304 0")

    @on_each_stage()
    def test_etag(self, address, _):
        url = f"http://{address}/large.bin"
        tag = self.base / "tag"
        status = ("--write-out", "%{http_code}", "--output", os.devnull)
        self.assertEqual(self.curl("--etag-save", tag, *status, url), b"200")
        self.assertEqual(self.curl("--etag-compare", tag, *status, url), b"304")

    @on_each_stage()
    def test_compressed(self, address, _):
        text = "压缩得很小的文字\n".encode() * 1000
        self.put("text.txt", text)
        self.put("text.txt.gz", gzip.compress(text, mtime=0))
        url = f"http://{address}/text.txt"
        self.assertEqual(self.curl("--compressed", url), text)
        size = self.curl("--compressed", "--write-out", "%{size_download}", "--output", os.devnull, url)
        self.assertEqual(int(size), (self.root / "text.txt.gz").stat().st_size, "应当发出压缩好的")
        self.assertEqual(self.curl(url), text, "没有说收压缩的,就给原样的")
        head = self.curl("--head", "--compressed", url).decode()
        self.assertRegex(head, r"(?i)\r\nvary: *accept-encoding\r\n")

    @on_each_stage()
    def test_traversal(self, address, _):
        for path in (
            "/../secret.txt",
            "/目录/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..%5csecret.txt",
            "//etc/passwd",
            "/link",
            f"/{self.base}/secret.txt",
        ):
            answer = self.curl("--path-as-is", "--include", f"http://{address}{path}")
            self.assertRegex(answer, rb"^HTTP/1.1 4\d\d ", path)
            self.assertNotIn(SECRET.encode(), answer, path)

    @on_each_stage()
    def test_expect(self, address, _):
        # curl 发大的正文以前,先问一声 100;这里不许 POST,不用发就知道。
        answer = self.curl(
            "--include", "--header", "Expect: 100-continue", "--data-binary", f"@{self.root / 'large.bin'}",
            f"http://{address}/",
        )
        self.assertRegex(answer, rb"^HTTP/1.1 (405|413) ")

    @on_each_stage()
    def test_http_1_0(self, address, _):
        self.assertEqual(self.curl("--http1.0", f"http://{address}/large.bin"), pattern(LARGE))

    @on_each_stage("--listing")
    def test_redirect(self, address, _):
        where = f"http://{address}/{quote('目录')}"
        page = self.curl("--location", "--write-out", "%{url_effective}", where).decode()
        self.assertIn("文件 1.txt", page)
        self.assertTrue(page.endswith(where + "/"), page[-200:])


class Wget(Website):
    """wget 把整个网站下载下来。"""

    @on_each_stage()
    def test_mirror(self, address, _):
        need("wget")
        self.put("index.html", f'<a href="{quote("目录/文件 1.txt")}">甲</a><a href="large.bin">乙</a>'.encode())
        out = self.base / "out"
        out.mkdir()
        self.tool("wget", "--quiet", "--tries=1", "--recursive", "--no-host-directories",
                  "--restrict-file-names=nocontrol", f"http://{address}/", cwd=out)
        for name in ("index.html", "目录/文件 1.txt", "large.bin"):
            self.assertEqual((out / name).read_bytes(), (self.root / name).read_bytes(), name)
        # 下到一半的,接着下。
        (out / "large.bin").write_bytes(pattern(LARGE)[:1000])
        self.tool("wget", "--quiet", "--tries=1", "--continue", f"http://{address}/large.bin", cwd=out)
        self.assertEqual((out / "large.bin").read_bytes(), pattern(LARGE))
        shutil.rmtree(out)


class PythonClient(Website):
    """Python 的 http.client,和不用库的套接字。"""

    def connect(self, address):
        host, port = address.rsplit(":", 1)
        sock = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def answer(self, sock):
        """按标准库读一个回答。"""
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        return answer

    @on_each_stage()
    def test_one_connection(self, address, _):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        first = None
        for _ in range(50):
            connection.request("GET", "/large.bin", headers={"Range": "bytes=5-14"})
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (206, pattern(LARGE)[5:15]))
            first = first or connection.sock.getsockname()
            self.assertEqual(connection.sock.getsockname(), first, "应当是同一条连接")

    @on_each_stage()
    def test_pipelined(self, address, _):
        count = 200
        sock = self.connect(address)
        sock.sendall(b"GET /empty HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n" * count)
        stream = sock.makefile("rb")
        for number in range(2 * count):
            status = stream.readline()
            self.assertEqual(status, b"HTTP/1.1 200 OK\r\n")
            fields = http.client.parse_headers(stream)
            body = stream.read(int(fields["Content-Length"]))
            name = "index.html" if number % 2 else "empty"
            self.assertEqual(body, (self.root / name).read_bytes())

    @on_each_stage()
    def test_body_is_drained(self, address, _):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        for body in (b"x" * 100_000, iter([b"one", b"two"])):
            connection.request("GET", "/", body=body)
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, (self.root / "index.html").read_bytes()))

    @on_each_stage()
    def test_continue(self, address, _):
        sock = self.connect(address)
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
        # 正文不发,也会有最后的回答。
        self.assertEqual(self.answer(sock).status, 405)

    @on_each_stage()
    def test_dates(self, address, _):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/")
        answer = connection.getresponse()
        changed = parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp()
        self.assertEqual(int(changed), int((self.root / "index.html").stat().st_mtime))
        parsedate_to_datetime(answer.headers["Date"])

    @on_each_stage()
    def test_log(self, address, program):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/large.bin", headers={"User-Agent": "课程".encode()})
        connection.getresponse().read()
        program.output.wait(
            rf'127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}}\] '
            rf'"GET /large\.bin HTTP/1\.1" 200 {LARGE}\n',
            "访问日志",
        )


class Notes(Website):
    """课程自己的讲义。"""

    @on_each_stage("--listing", root=NOTES)
    def test_notes(self, address, _):
        files = [path for path in sorted(NOTES.rglob("*")) if path.is_file()]
        self.assertGreater(len(files), 20)
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        for path in files:
            name = quote(path.relative_to(NOTES).as_posix())
            connection.request("GET", f"/{name}")
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, path.read_bytes()), name)
        connection.request("GET", "/")
        page = connection.getresponse().read().decode()
        for path in NOTES.iterdir():
            self.assertIn(quote(path.name), page)


if __name__ == "__main__":
    unittest.main()
