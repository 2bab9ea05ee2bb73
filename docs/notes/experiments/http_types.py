"""写几个文件,看服务器说它们是什么。用法:http_types.py 127.0.0.1:8080 site"""
import http.client
import pathlib
import sys
import urllib.parse

host, port = sys.argv[1].rsplit(":", 1)
for name in ("讲义.md", "样式.css", "程序.js", "数据.json", "图.svg", "照片.jpg", "片.mp4", "没有扩展名"):
    (pathlib.Path(sys.argv[2]) / name).write_text("# 你好\n", encoding="utf-8")
    client = http.client.HTTPConnection(host, int(port), timeout=5)
    client.request("GET", "/" + urllib.parse.quote(name))
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    assert body == "# 你好\n"
    print(f"{name}:{answer.getheader('Content-Type')}")
