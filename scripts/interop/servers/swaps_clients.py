"""错误:同时来问的几位客户,回答错开了一位。"""

import select
import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        questions = [sock.recvfrom(65535)]
        while select.select([sock], [], [], 0.2)[0]:
            questions.append(sock.recvfrom(65535))
        for (data, _), (_, peer) in zip(questions, questions[1:] + questions[:1]):
            sock.sendto(data, peer)
