"""同一个套接字先发后收:问三样东西,发一个数据报,打印收到的 (内容, 地址)。"""

import socket

host = input("请输入你要发送数据的ip地址:")
port = int(input("请输入你要发送数据的端口号:"))
text = input("请输入你要发送的数据:")

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.sendto(text.encode("utf-8"), (host, port))
    print(sock.recvfrom(1024), flush=True)
