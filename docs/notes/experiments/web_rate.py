"""一个一个地问同一个网址,服务器肯留着连接就用同一条。用法:web_rate.py 127.0.0.1:8080 次数"""
import http.client
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2])
client = http.client.HTTPConnection(host, int(port), timeout=5)
connections = 0
start = time.monotonic()
for _ in range(count):
    connections += client.sock is None  # 说了 close 的,http.client 自己换一条
    client.request("GET", "/")
    client.getresponse().read()
each = (time.monotonic() - start) / count * 1e6
print(f"{count} 个请求,{connections} 条连接,每个 {each:.0f} 微秒")
client.close()
