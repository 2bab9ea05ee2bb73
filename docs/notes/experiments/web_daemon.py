"""守护线程:主线程一结束,正在发的回答断在半路。"""
import http.client
import subprocess
import sys

SERVER = """
import socket, sys, threading, time

def work(stream):
    stream.recv(1024)
    stream.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhello")
    sent.set()
    time.sleep(0.3)  # 还有一半没有发
    stream.sendall(b"world")
    stream.close()

sent = threading.Event()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
stream, _ = listener.accept()
threading.Thread(target=work, args=(stream,), daemon=sys.argv[1] == "True").start()
sent.wait(5)  # 主线程到此为止
"""
for daemon in (True, False):
    with subprocess.Popen([sys.executable, "-c", SERVER, str(daemon)], stdout=subprocess.PIPE, text=True) as server:
        client = http.client.HTTPConnection("127.0.0.1", int(server.stdout.readline()), timeout=5)
        client.request("GET", "/")
        try:
            print(f"daemon={daemon}: {client.getresponse().read()}")
        except (http.client.IncompleteRead, ConnectionError) as error:
            print(f"daemon={daemon}: {type(error).__name__},没有收齐")
        client.close()
        server.wait(5)
