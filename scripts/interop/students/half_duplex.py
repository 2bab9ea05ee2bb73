"""错误:一问一答,对方主动说的话要等打完字才看得到。"""

import socket
import sys

import options

args = options.read()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    if args.bind:
        sock.bind(args.bind)
    sock.connect(args.address)
    for text in options.messages(sys.stdin):
        sock.send(text.encode(args.encoding))
        print(options.visible(sock.recv(65535), args.encoding), flush=True)
