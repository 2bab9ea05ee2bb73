"""有了长度,收的一方还会错在四个地方。对方没有错,只是字节来得不巧。"""
import struct


class Stream:
    """字节一块一块地到:一次 recv 得到已经到了的,最多 size 个。"""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def recv(self, size):
        if not self.pieces:
            raise TimeoutError
        piece = self.pieces.pop(0)
        if piece[size:]:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


def answer(body):
    return struct.pack("<i", len(body)) + body


def naive(stream):
    """流行的写法:recv(4);不到 1024 的收一次;更长的每次收 1024。"""
    size = struct.unpack("<i", stream.recv(4))[0]
    if size < 1024:
        return stream.recv(1024)
    received = b""
    while len(received) < size:
        received += stream.recv(1024)
    return received


def exact(stream):
    """收满 4 个字节,再收满正文,一个也不多收。"""
    def take(size):
        data = b""
        while len(data) < size:
            data += stream.recv(size - len(data))
        return data
    return take(struct.unpack("<i", take(4))[0])


def experiment(title, *pieces):
    """同样的字节,两种写法各收两个回答:每个收到多少字节。"""
    for receive in (naive, exact):
        stream, lengths = Stream(*pieces), []
        try:
            for _ in range(2):
                lengths.append(len(receive(stream)))
        except (struct.error, TimeoutError) as error:
            lengths.append("一直等" if isinstance(error, TimeoutError) else "读不懂长度")
        print(f"{title},{receive.__name__}:{lengths}")


first, second = answer(b"a" * 900), answer(b"b" * 10)
experiment("长度分两次到", first[:2], first[2:], second)
experiment("900 字节分两次到", first[:404], first[404:], second)
experiment("1,100 字节,下一个紧跟着", answer(b"a" * 1100) + second)
experiment("空的回答", answer(b""), second)
