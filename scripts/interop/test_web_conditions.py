"""完整的 HTTP/1.1:条件、范围、编码、清单,与 curl、Python 的 http.client、email、html.parser 互通。"""

import email
import email.utils
import gzip
import html.parser
import http.client
import json
import os
import subprocess
import time
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

    def ask(self, address, target, method="GET", **fields):
        """http.client 问一次;返回回答和正文。"""
        client = http.client.HTTPConnection(*address[:2], timeout=PATIENCE)
        self.addCleanup(client.close)
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        client.request(method, target, headers=headers)
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

    def test_curl_asks_for_newer_files(self):
        long_ago = time.time() - 100_000
        os.utime(self.root / "bytes.bin", (long_ago, long_ago))
        for address in self.each():
            url = self.url(address, "/bytes.bin")
            self.settle(address, "/bytes.bin")
            for date, status in (("1 Jan 2000", b"200"), ("1 Jan 2100", b"304")):
                told = self.curl("-z", date, "-o", self.base / "output", "-w", "%{http_code}", url)
                self.assertEqual(told[:2], (0, status))
            # 反过来:那以后没有变才要。
            for year, status in ((2000, b"412"), (2100, b"200")):
                field = f"If-Unmodified-Since: {email.utils.formatdate((year - 1970) * 31_556_952, usegmt=True)}"
                told = self.curl("-H", field, "-o", self.base / "output", "-w", "%{http_code}", url)
                self.assertEqual(told[:2], (0, status), year)

    def test_head_says_the_same_as_get(self):
        for address in self.each():
            for name in FILES:
                got, body = self.ask(address, "/" + quote(name))
                head, nothing = self.ask(address, "/" + quote(name), "HEAD")
                same = [[item for item in answer.getheaders() if item[0] != "Date"] for answer in (got, head)]
                self.assertEqual(same[0], same[1])
                self.assertEqual((body, nothing), (FILES[name], b""))


class Ranges(HttpTest):
    """范围。"""

    def test_curl_takes_pieces(self):
        content = FILES["large.bin"]
        for address in self.each():
            for piece, expected in (("0-0", content[:1]), ("100-99999", content[100:100_000]),
                                    ("-7", content[-7:]), ("5000000-", content[5_000_000:])):
                status, body = self.get(address, "/large.bin", "-r", piece)
                self.assertEqual((status, body), (206, expected), piece)
            self.assertEqual(self.get(address, "/large.bin", "-r", f"{len(content)}-")[0], 416)

    def test_curl_goes_on_where_it_stopped(self):
        content = FILES["large.bin"]
        for address in self.each():
            output = self.base / "output"
            output.write_bytes(content[:1_234_567])
            code, _, errors = self.curl("-C", "-", "-o", output, self.url(address, "/large.bin"))
            self.assertEqual(code, 0, errors)
            self.assertEqual(output.read_bytes(), content)

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

    def test_curl_unpacks_what_it_asked_for(self):
        for address in self.each():
            self.assertEqual(self.get(address, "/text.txt", "--compressed"), (200, self.text))
            self.assertEqual(self.get(address, "/text.txt"), (200, self.text))
            packed = self.get(address, "/text.txt", "-H", "Accept-Encoding: gzip")
            self.assertEqual((packed[0], gzip.decompress(packed[1])), (200, self.text))
            self.assertLess(len(packed[1]), len(self.text) // 10)

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
