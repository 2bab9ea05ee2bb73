"""正确,而且写法不同:每个数据报交给一个线程回答。"""

import socket
import sys
import threading

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    # 一次一个线程,先后次序才不乱。
    while True:
        data, peer = sock.recvfrom(65536)
        worker = threading.Thread(target=sock.sendto, args=(data, peer))
        worker.start()
        worker.join()
