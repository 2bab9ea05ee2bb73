"""一条路:每条连接每 50 毫秒最多过 64 KiB,像窗口 64 KiB、往返 50 毫秒的 TCP。转给后面的服务器。"""
import socket
import sys
import threading
import time

WINDOW, ROUND = 64 * 1024, 0.05
LIFETIME = 120  # 秒,到了就结束


def split(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def forward(source, target, limited):
    started, passed = time.monotonic(), 0
    try:
        while data := source.recv(WINDOW):
            if limited:
                idle = time.monotonic() - started > passed / WINDOW * ROUND + ROUND
                if idle:  # 停过一阵,不补
                    started, passed = time.monotonic(), 0
                passed += len(data)
                time.sleep(max(0, started + passed / WINDOW * ROUND - time.monotonic()))
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


listener = socket.create_server(split(sys.argv[1]))
listener.settimeout(LIFETIME)
print("监听", "{}:{}".format(*listener.getsockname()))
end = time.monotonic() + LIFETIME
while time.monotonic() < end:
    client, _ = listener.accept()
    server = socket.create_connection(split(sys.argv[2]), timeout=LIFETIME)
    for pair in ((client, server, False), (server, client, True)):
        threading.Thread(target=forward, args=pair, daemon=True).start()
