"""网站的各个阶段,在真正的浏览器里:Chromium 打开一个页面,页面里的脚本看每样东西到了没有,
再把结果告诉测试。页面和文件都是当场造的,不用互联网。"""

import base64
import contextlib
import http.server
import json
import os
import queue
import re
import struct
import tempfile
import threading
import time
import unittest
import zlib
from pathlib import Path
from urllib.parse import quote

from support import InteropTest, binary, missing, need

# 浏览器启动慢,机器忙的时候更慢。
BROWSER_PATIENCE = 60

# 图片的宽和高,像素。
IMAGE = (37, 23)

# 录音:每秒这么多个采样,每个一字节,一共这么多秒。浏览器先只读开头一段,跳到后面要用范围请求。
SAMPLES = 44_100
SECONDS = 240

PAGE = """<!doctype html>
<html lang="zh">
<head>
  <meta charset="utf-8">
  <title>浏览器</title>
  <link rel="stylesheet" href="style.css">
</head>
<body>
  <p id="styled">有样式的文字</p>
  <img id="image" src="图片/风景 1.png" alt="">
  <img id="drawing" src="drawing.svg" alt="">
  <iframe id="text" src="说明.txt"></iframe>
  <script src="script.js"></script>
  <script src="page.js"></script>
</body>
</html>
"""

# 页面装好以后运行:每一项的值放进 results,送到 # 后面的地址。
PAGE_SCRIPT = """
const results = {};

async function look(name, work) {
  try { results[name] = await work(); } catch (error) { results[name] = '出错:' + error; }
}

const type = async (path) => (await fetch(path)).headers.get('content-type');
const text = async (path) => (await fetch(path)).text();
const size = (id) => { const image = document.getElementById(id); return [image.naturalWidth, image.naturalHeight]; };

async function everything() {
  await look('charset', () => document.characterSet);
  await look('style', () => getComputedStyle(document.getElementById('styled')).color);
  await look('script', () => window.loaded);
  await look('image', () => size('image'));
  await look('drawing', () => size('drawing'));
  await look('frame', () => {
    const inside = document.getElementById('text').contentDocument;
    return [inside.characterSet, inside.body.textContent];
  });
  await look('chinese', () => text('目录/文件.txt'));
  await look('percent', () => text('100%25.txt'));
  await look('query', () => text('目录/文件.txt?版本=1'));
  await look('missing', async () => (await fetch('没有.txt')).status);
  await look('types', () => Promise.all(['index.html', 'style.css', 'script.js', '图片/风景 1.png', '说明.txt'].map(type)));
  await look('big', async () => {
    const bytes = new Uint8Array(await (await fetch('大.bin')).arrayBuffer());
    return [bytes.length, bytes.reduce((sum, byte) => (sum + byte) % 65521, 0)];
  });
}
"""

# 56、57 还有的:类型齐全,范围,条件请求,声音和影片。
WHOLE_SCRIPT = """
const once = (target, event) => new Promise((resolve, reject) => {
  target.addEventListener(event, resolve, { once: true });
  target.addEventListener('error', () => reject(event + ' ' + (target.error && target.error.message)), { once: true });
});

async function media(tag, path) {
  const player = document.body.appendChild(document.createElement(tag));
  player.muted = true;
  player.preload = 'metadata';
  player.src = path;
  await once(player, 'loadedmetadata');
  return player;
}

async function more() {
  await look('module', async () => (await import('./模块.mjs')).value);
  await look('wasm', async () => (await WebAssembly.compileStreaming(fetch('空.wasm'))) instanceof WebAssembly.Module);
  await look('json', async () => [await type('数据.json'), (await (await fetch('数据.json')).json()).名字]);
  await look('range', async () => {
    const answer = await fetch('大.bin', { headers: { Range: 'bytes=1000-1003' } });
    return [answer.status, answer.headers.get('content-range'), (await answer.arrayBuffer()).byteLength];
  });
  await look('etag', async () => {
    const tag = (await fetch('style.css')).headers.get('etag');
    return (await fetch('style.css', { headers: { 'If-None-Match': tag } })).status;
  });
  await look('revalidate', async () => {
    await (await fetch('数据.json')).text();
    performance.clearResourceTimings();
    const answer = await fetch('数据.json', { cache: 'no-cache' });
    return [answer.status, (await answer.json()).名字];
  });
  await look('audio', async () => {
    const player = await media('audio', '声音.wav');
    player.currentTime = player.duration - 1;
    await once(player, 'seeked');
    return [player.duration, player.seekable.end(0), player.currentTime];
  });
  await look('video', async () => {
    const player = await media('video', '影片.webm');
    await player.play();
    await once(player, 'ended');
    return [player.videoWidth, player.videoHeight, player.currentTime > 0];
  });
}
"""

# 最后才装:前面的都在,结果才送得出去。第一次装完再刷新一次,第二次才送。
FINISH_SCRIPT = """
addEventListener('load', async () => {
  await everything();
  if (typeof more === 'function') await more();
  if (!sessionStorage.getItem('again')) {
    sessionStorage.setItem('again', 'yes');
    location.reload();
    return;
  }
  await fetch(location.hash.slice(1), { method: 'POST', mode: 'no-cors', body: JSON.stringify(results) });
});
"""

# 没有影片,就请浏览器录一段:画布上换几次颜色。
RECORD_PAGE = """<!doctype html>
<meta charset="utf-8">
<canvas id="canvas" width="64" height="48"></canvas>
<script>
addEventListener('load', async () => {
  const canvas = document.getElementById('canvas');
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
  const chunks = [];
  let frame = 0;
  recorder.ondataavailable = (event) => chunks.push(event.data);
  recorder.onstop = async () => {
    const reader = new FileReader();
    reader.onload = () => fetch(location.hash.slice(1), { method: 'POST', mode: 'no-cors',
      body: JSON.stringify(reader.result.split(',')[1]) });
    reader.readAsDataURL(new Blob(chunks));
  };
  recorder.start();
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${frame * 30}, 90%, 50%)`;
    context.fillRect(0, 0, 64, 48);
    if (++frame === 25) { clearInterval(timer); recorder.stop(); }
  }, 40);
});
</script>
"""


def png(width, height):
    """一张纯色的 PNG(RFC 2083):签名、IHDR、IDAT、IEND。"""

    def chunk(kind, data):
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x30\x80\xc0" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def wav(seconds):
    """一段没有声音的录音:单声道,每个采样一字节。"""
    data = b"\x80" * (SAMPLES * seconds)
    shape = struct.pack("<HHIIHH", 1, 1, SAMPLES, SAMPLES, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE"
        + b"fmt " + struct.pack("<I", len(shape)) + shape
        + b"data" + struct.pack("<I", len(data)) + data
    )


# 不大不小的一个文件,套接字的缓冲装不下。
BIG = bytes(range(256)) * 8192

# 根目录里的文件。
SITE = {
    "index.html": PAGE.encode(),
    "style.css": "#styled { color: rgb(1, 2, 3); } /* 样式 */\n".encode(),
    "script.js": "window.loaded = '脚本运行了';\n".encode(),
    "图片/风景 1.png": png(*IMAGE),
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="12" height="34"></svg>',
    "说明.txt": "纯文字，没有说编码".encode(),
    "目录/文件.txt": "中文的名字".encode(),
    "100%.txt": "百分之百".encode(),
    "大.bin": BIG,
}

# 56、57 才要的。
MORE = {
    "模块.mjs": b"export const value = 42;\n",
    "空.wasm": b"\0asm\1\0\0\0",
    "数据.json": '{"名字": "小明"}'.encode(),
    "声音.wav": wav(SECONDS),
}


class Report(http.server.BaseHTTPRequestHandler):
    """收下页面送来的结果。"""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.reports.put(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class BrowserTest(InteropTest):
    """浏览器测试的共同部分。"""

    def setUp(self):
        need("chromium")
        # 浏览器最后一刻还在写它的目录。
        temporary = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        self.addCleanup(temporary.cleanup)
        self.base = Path(temporary.name).resolve()
        self.reporter = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Report)
        self.reporter.reports = queue.Queue()
        thread = threading.Thread(target=self.reporter.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(self.reporter.server_close)
        self.addCleanup(self.reporter.shutdown)

    def chromium(self, url, *options):
        """打开 `url` 的浏览器:没有窗口,自己的目录,碰不到互联网。"""
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        profile = tempfile.mkdtemp(prefix="profile-", dir=self.base)
        return self.start([
            "chromium", "--headless", *root, f"--user-data-dir={profile}",
            "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-breakpad", "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--autoplay-policy=no-user-gesture-required", "--mute-audio",
            *options, url,
        ])

    def report(self, url):
        """打开 `url`,等它的脚本送来结果。"""
        browser = self.chromium(f"{url}#http://127.0.0.1:{self.reporter.server_port}/")
        deadline = time.monotonic() + BROWSER_PATIENCE
        while True:
            with contextlib.suppress(queue.Empty):
                result = self.reporter.reports.get(timeout=0.2)
                browser.end()
                return result
            if browser.process.poll() is not None or time.monotonic() > deadline:
                self.fail(f"{url} 的脚本应当送来结果;浏览器的话:{browser.errors.text()[-2000:]}")

    def shown(self, url):
        """打开 `url`,返回浏览器里的页面。"""
        browser = self.chromium(url, "--dump-dom")
        browser.wait("浏览器应当打印页面", BROWSER_PATIENCE)
        return browser.output.text()

    def site(self, files):
        """一个根目录,里面有 `files`。"""
        root = Path(tempfile.mkdtemp(prefix="root-", dir=self.base))
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        return root

    def stage(self, name, *options):
        """启动一个阶段,没有编译好就不测;返回它和它的网址。"""
        try:
            binary(name)
        except FileNotFoundError as error:
            missing(str(error))
        server, (host, port) = self.server(name, "127.0.0.1:0", *options)
        return server, f"http://{host}:{port}/"


class FixedPage(BrowserTest):
    """51:总是那一页。"""

    def test_built_in_page(self):
        _, url = self.stage("web-fixed")
        first = self.shown(url)
        self.assertRegex(first, r"<body>[^<]*<\w+", "浏览器应当看见一页 HTML")
        self.assertRegex(first, r"[\u4e00-\u9fff]{2}", "中文应当没有变成乱码")
        self.assertEqual(self.shown(url + "别的/路径?x=1"), first, "什么路径都是那一页")

    def test_given_page(self):
        # 页面和脚本在一个文件里。
        page = self.base / "页面.html"
        page.write_text(
            "<!doctype html><html lang=zh><head><meta charset=utf-8></head><body><p>自己的一页</p><script>"
            "addEventListener('load', () => fetch(location.hash.slice(1), { method: 'POST', mode: 'no-cors',"
            " body: JSON.stringify([document.characterSet, document.querySelector('p').textContent]) }))"
            "</script></body></html>",
            encoding="utf-8",
        )
        _, url = self.stage("web-fixed", "--page", page)
        self.assertEqual(self.report(url), ["UTF-8", "自己的一页"])


class Files(BrowserTest):
    """52 起:一个页面和它要的文件。"""

    def open_page(self, name, script, files):
        """根目录里有 `files` 和页面的脚本 `script`,打开首页;返回服务器和页面送来的结果。"""
        root = self.site({**SITE, **files, "page.js": script.encode()})
        server, url = self.stage(name, "--root", root)
        return server, self.report(url)

    def check_files(self, results):
        """每个阶段都要有的。"""
        self.assertEqual(results["charset"], "UTF-8", "页面的编码")
        self.assertEqual(results["style"], "rgb(1, 2, 3)", "样式表应当起作用")
        self.assertEqual(results["script"], "脚本运行了", "脚本应当运行,中文没有变成乱码")
        self.assertEqual(results["image"], list(IMAGE), "图片的大小(中文的目录,名字里有空格)")
        self.assertEqual(results["drawing"], [12, 34], "SVG 要 image/svg+xml 才显示")
        self.assertEqual(results["frame"], ["UTF-8", "纯文字，没有说编码"], "文字文件的编码由 Content-Type 说")
        self.assertEqual(results["chinese"], "中文的名字")
        self.assertEqual(results["percent"], "百分之百", "%25 只解码一次")
        self.assertEqual(results["query"], "中文的名字", "问号以后的不是名字")
        self.assertEqual(results["missing"], 404)
        self.assertEqual(results["big"], [len(BIG), sum(BIG) % 65521], "长的文件,每个字节")
        html, css, script, image, plain = (str(value).lower().replace(" ", "") for value in results["types"])
        self.assertEqual(
            [html, css, image, plain],
            ["text/html;charset=utf-8", "text/css;charset=utf-8", "image/png", "text/plain;charset=utf-8"],
        )
        # 两个都对(RFC 9239 §6)。
        self.assertRegex(script, r"^(text|application)/javascript;charset=utf-8$")

    def check_early(self, name):
        server, results = self.open_page(name, PAGE_SCRIPT + FINISH_SCRIPT, {})
        self.check_files(results)
        self.assertNotIn("panicked", server.errors.text())

    def test_static(self):
        self.check_early("web-static")

    def test_threads(self):
        self.check_early("web-threads")

    def test_object(self):
        self.check_early("web-object")

    def test_pool(self):
        self.check_early("web-pool")

    def check_whole(self, name):
        """56、57:还有范围、条件请求,声音和影片。"""
        script = PAGE_SCRIPT + WHOLE_SCRIPT + FINISH_SCRIPT
        server, results = self.open_page(name, script, {**MORE, "影片.webm": self.record()})
        self.check_files(results)
        self.assertEqual(results["module"], 42, "模块的类型不对,浏览器就不运行")
        self.assertIs(results["wasm"], True, "WebAssembly 要 application/wasm")
        self.assertRegex(results["json"][0], r"^application/json\b")
        self.assertEqual(results["json"][1], "小明")
        self.assertEqual(results["range"], [206, f"bytes 1000-1003/{len(BIG)}", 4])
        self.assertEqual(results["etag"], 304, "ETag 没有变")
        self.assertEqual(results["revalidate"], [200, "小明"], "浏览器自己用缓存回答")
        self.assertEqual(results["audio"], [SECONDS, SECONDS, SECONDS - 1], "声音可以跳到任何地方")
        self.assertEqual(results["video"], [64, 48, True], "影片应当放到底")
        self.check_log(server)

    def record(self):
        """浏览器录的一段影片。"""
        page = self.base / "record.html"
        page.write_text(RECORD_PAGE, encoding="utf-8")
        recorded = base64.b64decode(self.report(page.as_uri()))
        self.assertEqual(recorded[:4], b"\x1aE\xdf\xa3", "应当是 WebM(EBML 的开头)")
        return recorded

    def check_log(self, server):
        """访问日志:浏览器用了范围请求和条件请求。"""
        log = server.output.text()

        def lines(path, status):
            return re.findall(rf'"GET {re.escape(path)} HTTP/1\.1" {status} ', log)

        self.assertTrue(lines("/", 304), f"刷新页面应当得到 304:\n{log}")
        self.assertTrue(lines(quote("/数据.json"), 304), f"no-cache 应当得到 304:\n{log}")
        self.assertGreater(len(lines(quote("/声音.wav"), 206)), 1, f"声音跳到后面,应当有第二个范围:\n{log}")
        self.assertTrue(lines(quote("/影片.webm"), 206), f"影片应当用范围请求:\n{log}")
        self.assertNotIn("panicked", server.errors.text())

    def test_http(self):
        self.check_whole("web-http")

    def test_poll(self):
        self.check_whole("web-poll")


if __name__ == "__main__":
    unittest.main()
