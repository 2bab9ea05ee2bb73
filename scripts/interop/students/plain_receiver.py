"""正确的 udp-recv,像初学者那样只写 print(),没有 flush。"""

import socket

import options

args = options.read()
received = 0
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(args.address)
    while args.count == 0 or received < args.count:
        payload, (host, port) = sock.recvfrom(args.buffer + 1)
        received += 1
        if len(payload) > args.buffer:
            print("警告:下一个数据报比缓冲区大")
            payload = payload[: args.buffer]
        print(f"{host}:{port} 发送了:{options.visible(payload, args.encoding)}")
