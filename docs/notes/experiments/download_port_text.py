"""input 得到的是文字;端口要整数。"""
import socket

port = "7788"  # 本来是 input("端口:")
for value in (port, int(port)):
    with socket.socket() as sock:
        sock.settimeout(2)
        try:
            sock.connect(("127.0.0.1", value))
        except TypeError as error:
            print(repr(value), "→ TypeError:", error)
        except OSError as error:
            print(repr(value), "→ 连过去了,", type(error).__name__)
