"""同一秒里改了两次,一样大:日期分得出来吗?先问 Python 自带的服务器(只有日期),再问 ETag。
用法:http_same_second.py 127.0.0.1:8080 site"""
import functools
import http.client
import http.server
import os
import pathlib
import sys
import threading
import time


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def ask(address, **fields):
    client = http.client.HTTPConnection(address, timeout=5)
    client.request("GET", "/price.txt", headers={name.replace("_", "-"): fields[name] for name in fields})
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer.status, body, answer.getheader("Last-Modified"), answer.getheader("ETag")


def write(text, fraction):
    """写下价钱;修改时间是同一秒里的另一刻。"""
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(second * 10**9 + fraction, second * 10**9 + fraction))


def tag_after(old):
    """等到有新的 ETag:刚刚写的文件还没有。"""
    deadline = time.monotonic() + 10
    while (tag := ask(sys.argv[1])[3]) in (None, old) and time.monotonic() < deadline:
        time.sleep(0.01)
    return tag


path, second = pathlib.Path(sys.argv[2]) / "price.txt", int(time.time()) - 100
write("99", 200_000_000)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[2]))
threading.Thread(target=server.serve_forever, daemon=True).start()
python = "127.0.0.1:%d" % server.server_address[1]
tag = tag_after(None)
_, body, date, _ = ask(python)
print(f"存下的是 {body}")
write("88", 700_000_000)
print("同一秒里改成了 88")
tag_after(tag)
for name, address, fields in (
    ("http.server,日期", python, {"If_Modified_Since": date}),
    ("web-http,日期", sys.argv[1], {"If_Modified_Since": date}),
    ("web-http,ETag", sys.argv[1], {"If_None_Match": tag}),
):
    status, body, _, _ = ask(address, **fields)
    print(f"{name}:{status},所以显示 {body or 99}")
