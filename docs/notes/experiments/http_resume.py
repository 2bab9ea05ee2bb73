"""下载到一半,文件换了,接着下载另一半。用法:http_resume.py 127.0.0.1:8080 site/poem.txt"""
import http.client
import os
import pathlib
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
path = pathlib.Path(sys.argv[2])
HALF = 9


def ask(**fields):
    client = http.client.HTTPConnection(host, int(port), timeout=5)
    client.request("GET", "/" + path.name, headers={name.replace("_", "-"): fields[name] for name in fields})
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer, body


def put(text):
    """整个换掉。"""
    new = path.with_name("new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


put("床前明月光")
deadline = time.monotonic() + 10
while not (answer := ask(Range=f"bytes=0-{HALF - 1}"))[0].getheader("ETag") and time.monotonic() < deadline:
    time.sleep(0.01)  # 刚刚写的文件还没有 ETag
answer, first = answer
tag = answer.getheader("ETag")
print(f"前一半:{answer.status} {answer.getheader('Content-Range')} {first}")
answer, second = ask(Range=f"bytes={HALF}-", If_Range=tag)
print(f"没有换,带 If-Range:{answer.status},接起来是 {first + second}")
put("疑是地上霜")
answer, second = ask(Range=f"bytes={HALF}-")
print(f"换了,不带 If-Range:{answer.status},接起来是 {first + second}")
answer, second = ask(Range=f"bytes={HALF}-", If_Range=tag)
print(f"换了,带 If-Range:{answer.status},整个是 {second}")
