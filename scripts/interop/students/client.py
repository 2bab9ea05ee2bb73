"""正确的 udp-echo 客户端:发一行,等一个回答。"""

import socket
import sys

import options

args = options.read()
failed = False
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    if args.bind:
        sock.bind(args.bind)
    sock.connect(args.address)
    sock.settimeout(1)
    for text in options.messages(sys.stdin):
        try:
            sock.send(text.encode(args.encoding))
            print(options.visible(sock.recv(65535), args.encoding), flush=True)
        except TimeoutError:
            print("没有回答", flush=True)
        except (OSError, UnicodeError) as error:
            print("错误:", error, flush=True)
            failed = True
sys.exit(failed)
