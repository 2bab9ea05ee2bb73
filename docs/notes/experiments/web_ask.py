"""照原样问几个路径,一行一个:状态码、类型、正文的长度。用法:web_ask.py 127.0.0.1:8080 /a /b …"""
import http.client
import sys

host, port = sys.argv[1].rsplit(":", 1)
for path in sys.argv[2:]:
    client = http.client.HTTPConnection(host, int(port), timeout=5)
    client.putrequest("GET", path)  # 不整理路径
    client.endheaders()
    answer = client.getresponse()
    print(f"GET {path}:{answer.status} {answer.getheader('Content-Type')} {len(answer.read())}", flush=True)
    client.close()
