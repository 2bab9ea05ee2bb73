"""每读一行发一个 UDP 报文,读到 exit 结束。用法:udp_send.py 127.0.0.1:8080 [编码]"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
encoding = sys.argv[2] if len(sys.argv) > 2 else "utf-8"
failed = False
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        if text.strip() == "exit":
            break
        try:
            sender.sendto(text.encode(encoding), (host, int(port)))
        except (OSError, UnicodeEncodeError) as error:  # 报告这一行,接着下一行
            print("没有发送:", error, file=sys.stderr, flush=True)
            failed = True
sys.exit(failed)
