"""照原样问各种写法的路径,看状态码。用法:http_paths.py 127.0.0.1:8080"""
import http.client
import sys

host, port = sys.argv[1].rsplit(":", 1)
CASES = (
    ("给", ("/", "/style.css?v=3", "/%E4%BD%A0%E5%A5%BD.txt", "/100%25%20%E5%AF%B9.txt", "/news/../style.css",
            "/news/%2e%2e/style.css", "//style.css", "/./news/", "/../../style.css")),
    ("转", ("/news", "//news?page=2")),
    ("没有", ("/../secret.txt", "/%2e%2e/secret.txt", "/%252e%252e/secret.txt", "/..%2fsecret.txt",
              "/..%5csecret.txt", "/link.txt", "/style.css/", "/.git/config", "/none")),
    ("看不懂", ("/%", "/%zz", "/style.css%00.html")),
)
for title, paths in CASES:
    for path in paths:
        client = http.client.HTTPConnection(host, int(port), timeout=5)
        client.putrequest("GET", path)  # 不整理路径
        client.endheaders()
        answer = client.getresponse()
        answer.read()
        where = answer.getheader("Location")
        print(f"{title}:{path} → {answer.status}" + (f",去 {where}" if where else ""))
        client.close()
