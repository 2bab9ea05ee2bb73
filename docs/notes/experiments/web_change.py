"""换掉一个文件,一直在问的客户多久以后看见新的?用法:web_change.py 127.0.0.1:8080 目录"""
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
    return client.getresponse().read().decode()


def replace(text):
    """写一个新的,再改名:任何时候去看,都是完整的一份。"""
    (root / "next").write_text(text, encoding="utf-8")
    os.replace(root / "next", root / "a.txt")


replace("旧")
deadline = time.monotonic() + 1
while time.monotonic() < deadline:
    assert get() == "旧"  # 问很多次:缓存里一定有了
replace("新")
start, asked = time.monotonic(), 1
while (text := get()) != "新":
    assert text == "旧" and time.monotonic() - start < 5, text
    asked += 1
print(f"换掉以后又问了 {asked} 次,{(time.monotonic() - start) * 1000:.0f} 毫秒以后看见新的")
print("不到 0.5 秒:", time.monotonic() - start < 0.5)
