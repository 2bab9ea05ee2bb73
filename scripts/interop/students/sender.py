"""正确的 udp-send。"""

import socket
import sys

import options

args = options.read()
failed = False
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    if args.bind:
        sock.bind(args.bind)
    for text in options.messages(sys.stdin):
        try:
            sock.sendto(text.encode(args.encoding), args.address)
        except (OSError, UnicodeError) as error:
            print("错误:", error, flush=True)
            failed = True
sys.exit(failed)
