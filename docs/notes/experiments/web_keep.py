"""问一次,留着连接,什么也不再说。用法:web_keep.py 127.0.0.1:8080 /路径"""
import http.client
import sys

host, port = sys.argv[1].rsplit(":", 1)
client = http.client.HTTPConnection(host, int(port), timeout=30)
client.request("GET", sys.argv[2])
answer = client.getresponse()
print(f"{answer.status},{len(answer.read())} 字节,连接留着", flush=True)
if client.sock:
    print("服务器关闭了连接" if not client.sock.recv(1) else "又来了什么")
