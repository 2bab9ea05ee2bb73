"""同一个文件,三种编码:看 ETag、Vary、长度。用法:http_codings.py 127.0.0.1:8080 site"""
import gzip
import http.client
import os
import pathlib
import sys
import time
import zlib

host, port = sys.argv[1].rsplit(":", 1)
path = pathlib.Path(sys.argv[2]) / "app.js"


def ask(accept):
    client = http.client.HTTPConnection(host, int(port), timeout=5)
    client.putrequest("GET", "/app.js", skip_accept_encoding=True)
    if accept is not None:
        client.putheader("Accept-Encoding", accept)
    client.endheaders()
    answer = client.getresponse()
    body = answer.read()
    client.close()
    return answer, body


path.write_bytes(b"console.log('hello, world');\n" * 200)
(path.parent / "app.js.gz").write_bytes(gzip.compress(path.read_bytes()))
deadline = time.monotonic() + 10
while not ask("gzip")[0].getheader("ETag") and time.monotonic() < deadline:
    time.sleep(0.01)  # 刚刚写的文件还没有 ETag
tags = set()
for accept in (None, "gzip, deflate, br, zstd", "br", "gzip;q=0", "br, identity;q=0"):
    answer, body = ask(accept)
    coding = answer.getheader("Content-Encoding")
    plain = zlib.decompress(body, 31) if coding == "gzip" else body
    same = "和原来一样" if plain == path.read_bytes() else "是一页说明"
    print(f"{accept} → {answer.status},编码 {coding},{len(body)} 字节,{same},Vary: {answer.getheader('Vary')}")
    tags.add(answer.getheader("ETag"))
tags.discard(None)
print(len(tags), "个不同的 ETag")
os.utime(path)
print("改了 app.js,忘了再压一次:编码", ask("gzip")[0].getheader("Content-Encoding"))
