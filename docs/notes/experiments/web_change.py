"""换掉一个文件,接着就问:是旧的还是新的?用法:web_change.py 127.0.0.1:8080 目录"""
import http.client
import os
import pathlib
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
root = pathlib.Path(sys.argv[2])
client = http.client.HTTPConnection(host, int(port), timeout=5)


def get():
    client.request("GET", "/a.txt")
    answer = client.getresponse()
    return answer.read().decode(), answer.getheader("ETag")


def replace(text):
    """写一个新的,再改名:任何时候去看,都是完整的一份。"""
    (root / "next").write_text(text, encoding="utf-8")
    os.replace(root / "next", root / "a.txt")


new = []
for number in range(20):
    replace(f"第 {number} 版")
    new.append(get()[0] == f"第 {number} 版")
    deadline = time.monotonic() + 5
    while get()[1] is None and time.monotonic() < deadline:
        pass  # 刚刚改过的没有 ETag,也不进缓存
    get()
print("换掉 20 次,每次换掉以后的第一个回答就是新的:", all(new))
