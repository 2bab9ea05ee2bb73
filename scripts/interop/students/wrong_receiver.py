"""错误:只打印内容,不说是谁发的;控制字符原样打印;缓冲区只有 1024 字节。"""

import socket

import options

args = options.read()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(args.address)
    while True:
        print(sock.recv(1024).decode(), flush=True)
