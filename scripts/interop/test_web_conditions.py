"""完整的 HTTP/1.1 里少见的:curl 存下的 ETag、几段的范围、brotli 和 zstd、清单里的链接,由别人的工具来判。"""

import email
import gzip
import html.parser
import http.client
import json
import os
import subprocess
import unittest
from urllib.parse import quote, urljoin

from support import PATIENCE, need, until
from test_web import FILES, WebTest

# 两个阶段用同样的核心,外面一个是线程,一个是事件循环。
STAGES = ("web-http", "web-poll")


class HttpTest(WebTest):
    """两个阶段都要这样。"""

    def each(self, *arguments):
        """逐个阶段的地址。"""
        for stage in STAGES:
            _, address = self.site(stage, "--quiet", *arguments)
            self.settle(address, "/large.bin")
            yield address

    def settle(self, address, target):
        """刚刚改过的文件没有 ETag:等到有。"""
        until(lambda: self.ask(address, target)[0].getheader("ETag"), f"{target} 应当有 ETag")

    def ask(self, address, target, **fields):
        """http.client 问一次;返回回答和正文。"""
        client = http.client.HTTPConnection(*address[:2], timeout=PATIENCE)
        self.addCleanup(client.close)
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        client.request("GET", target, headers=headers)
        answer = client.getresponse()
        return answer, answer.read()

    def url(self, address, target):
        return f"http://{address[0]}:{address[1]}{target}"


class Conditions(HttpTest):
    """条件请求。"""

    def test_curl_saves_and_compares_the_tag(self):
        for address in self.each():
            tag, output = self.base / "tag", self.base / "output"
            url = self.url(address, "/style.css")
            self.settle(address, "/style.css")
            code, _, errors = self.curl("--etag-save", tag, "-o", output, url)
            self.assertEqual((code, output.read_bytes()), (0, FILES["style.css"]), errors)
            told = self.curl("--etag-compare", tag, "-o", self.base / "again", "-w", "%{http_code}", url)
            self.assertEqual(told[:2], (0, b"304"))
            # 一样大,修改时间也一样:ETag 也看得出来。
            path = self.root / "style.css"
            times = path.stat()
            new = self.base / "new"
            new.write_bytes(FILES["style.css"].upper())
            os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
            os.replace(new, path)
            fetched = self.curl("--etag-compare", tag, "-w", "%{http_code}", url)
            self.assertEqual(fetched[:2], (0, FILES["style.css"].upper() + b"200"))
            path.write_bytes(FILES["style.css"])


class Ranges(HttpTest):
    """范围。"""

    def test_the_parts_are_a_message_of_parts(self):
        content = FILES["large.bin"]
        for address in self.each():
            answer, body = self.ask(address, "/large.bin", Range="bytes=10-19, -3, 700000-899999")
            self.assertEqual(answer.status, 206)
            head = f"Content-Type: {answer.getheader('Content-Type')}\r\n\r\n".encode()
            parts = email.message_from_bytes(head + body).get_payload()
            size = len(content)
            expected = [(10, 19), (size - 3, size - 1), (700_000, 899_999)]
            self.assertEqual([part["Content-Range"] for part in parts],
                             [f"bytes {first}-{last}/{size}" for first, last in expected])
            for first, last in expected:
                self.assertIn(b"\r\n\r\n" + content[first:last + 1] + b"\r\n--", body)


class Codings(HttpTest):
    """压缩好的一份。"""

    def setUp(self):
        super().setUp()
        self.text = "静态网站,".encode() * 5000
        (self.root / "text.txt").write_bytes(self.text)
        (self.root / "text.txt.gz").write_bytes(gzip.compress(self.text))

    def test_other_packers(self):
        """系统里的 brotli、zstd 压的,它们自己解得开。"""
        need("brotli", "zstd")
        for tool, coding in (("brotli", "br"), ("zstd", "zstd")):
            subprocess.run([tool, "-k", self.root / "text.txt"], capture_output=True, check=True, timeout=PATIENCE)
            for address in self.each():
                answer, body = self.ask(address, "/text.txt", Accept_Encoding=f"gzip;q=0.5, {coding}")
                self.assertEqual(answer.getheader("Content-Encoding"), coding)
                plain = subprocess.run([tool, "-d", "-c"], input=body, capture_output=True, check=True,
                                       timeout=PATIENCE).stdout
                self.assertEqual(plain, self.text)


class Links(html.parser.HTMLParser):
    """一页里的链接。"""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


class Listings(HttpTest):
    """目录的清单:照着链接走,每个文件都走得到。"""

    def test_every_link_leads_to_its_file(self):
        (self.root / "index.html").unlink()
        strange = {"<b>'\"&.txt": b"1", "a?b#c%41.txt": b"2", "-rf ~ .txt": b"3"}
        for name, content in strange.items():
            (self.root / name).write_bytes(content)
        expected = {**{name: content for name, content in FILES.items() if "/" not in name}, **strange}
        del expected["index.html"]
        for address in self.each("--listing"):
            answer, page = self.ask(address, "/")
            links = Links(page.decode()).found
            self.assertEqual(links[0], "sub/")
            files = {urljoin("/", link) for link in links[1:]}
            self.assertEqual(len(files), len(expected))
            self.assertEqual(sorted(self.ask(address, link)[1] for link in files), sorted(expected.values()))
            answer, text = self.ask(address, "/?json")
            self.assertEqual(answer.getheader("Content-Type"), "application/json; charset=utf-8")
            entries = {entry["name"]: entry for entry in json.loads(text)}
            self.assertEqual(set(entries), {*expected, "sub"})
            for name, content in expected.items():
                self.assertEqual((entries[name]["type"], entries[name]["size"]), ("file", len(content)))


if __name__ == "__main__":
    unittest.main()
