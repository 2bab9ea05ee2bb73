"""昵称、一句话和流的末尾一起到:服务器看得到末尾吗?用法:chat_last_words.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
TIMES = 100
gone = 0
for number in range(TIMES):
    with socket.create_connection((host, int(port)), timeout=2) as stream:
        stream.sendall(f"m{number}\nhello\n".encode())
        stream.shutdown(socket.SHUT_WR)
        try:
            while stream.recv(4096):
                pass
        except TimeoutError:
            break  # 他走了,服务器不知道
        gone += 1
print(f"{TIMES} 次,服务器知道他走了的有 {gone} 次")
