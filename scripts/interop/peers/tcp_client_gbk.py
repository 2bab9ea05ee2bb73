"""TCP 客户端:问服务器在哪里、说什么,用 GBK 发送一次,接收一次。"""

import socket

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    host = input("请输入服务器ip:")
    port = int(input("请输入服务器port:"))
    sock.connect((host, port))
    text = input("请输入要发送的数据:")
    sock.send(text.encode("gbk"))
    answer = sock.recv(1024)
    print("接收到的数据为:", answer.decode("gbk"), flush=True)
