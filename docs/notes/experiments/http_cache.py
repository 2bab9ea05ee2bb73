"""像浏览器那样存一份,再问就带上条件;然后换掉文件,再问。用法:http_cache.py 127.0.0.1:8080 site/style.css"""
import http.client
import os
import pathlib
import sys
import time


def ask(fields):
    """问一次,一条新的连接。"""
    client = http.client.HTTPConnection(host, int(port), timeout=5)
    client.request("GET", "/" + path.name, headers=fields)
    answer = client.getresponse()
    body = answer.read()
    client.close()
    return answer, body


def first():
    """没有存的:问到有 ETag 为止。刚刚改过的文件没有。"""
    deadline = time.monotonic() + 10
    while True:
        answer, body = ask({})
        if answer.getheader("ETag") or time.monotonic() > deadline:
            print(f"没有存的 → {answer.status},正文 {len(body)} 字节,ETag {answer.getheader('ETag')}")
            return answer.getheader("ETag")
        time.sleep(0.01)


def again(tag):
    """有存的:变了才要。"""
    answer, body = ask({"If-None-Match": tag})
    length = answer.getheader("Content-Length")
    print(f"If-None-Match: {tag} → {answer.status},正文 {len(body)} 字节,Content-Length {length}")


host, port = sys.argv[1].rsplit(":", 1)
path = pathlib.Path(sys.argv[2])
tag = first()
again(tag)
again(f'"x", W/{tag}')
before = os.stat(path)
new = path.with_name("new")
new.write_bytes(path.read_bytes().upper())
os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
os.replace(new, path)
print(f"换掉 {path.name}:一样大,修改时间也一样")
again(tag)
