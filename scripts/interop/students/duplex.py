"""正确的 udp-duplex:一个线程收,主线程发。"""

import socket
import sys
import threading

import options

args = options.read()
failed = False


def listen(sock):
    while True:
        try:
            print(options.visible(sock.recv(65535), args.encoding), flush=True)
        except ConnectionRefusedError:
            print("(对方那个端口上没有程序)", flush=True)


def send(sock, payload):
    try:
        sock.send(payload)
    except ConnectionRefusedError:
        sock.send(payload)  # 错误说的是上一个


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    if args.bind:
        sock.bind(args.bind)
    sock.connect(args.address)
    threading.Thread(target=listen, args=(sock,), daemon=True).start()
    for text in options.messages(sys.stdin):
        try:
            send(sock, text.encode(args.encoding))
        except (OSError, UnicodeError) as error:
            print("错误:", error, flush=True)
            failed = True
sys.exit(failed)
