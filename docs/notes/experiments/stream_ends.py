"""四种说「到这里为止」的办法:传完了、半路断了、内容里有记号,收的一方各看到什么。"""
import io
import struct


def by_close(content):
    return content


def by_length(content):
    return struct.pack("!Q", len(content)) + content


def by_chunks(content):
    pieces = [content[start:start + 4] for start in range(0, len(content), 4)] + [b""]
    return b"".join(struct.pack("!I", len(piece)) + piece for piece in pieces)


def by_mark(content):
    return content + b"END"


def exactly(source, count):
    data = source.read(count)
    if len(data) < count:
        raise EOFError
    return data


def read_close(source):
    return source.read()


def read_length(source):
    return exactly(source, struct.unpack("!Q", exactly(source, 8))[0])


def read_chunks(source):
    content = b""
    while length := struct.unpack("!I", exactly(source, 4))[0]:
        content += exactly(source, length)
    return content


def read_mark(source):
    content, mark, _ = source.read().partition(b"END")
    if not mark:
        raise EOFError
    return content


def outcome(sent, read, content):
    try:
        received = read(io.BytesIO(sent))
    except EOFError:
        return "知道断了"
    return "对" if received == content else f"以为传完了,其实是 {received}"


WAYS = (("关闭", by_close, read_close), ("长度", by_length, read_length),
        ("分块", by_chunks, read_chunks), ("记号", by_mark, read_mark))
for title, write, read in WAYS:
    text, tricky = b"0123456789", b"THE END."
    print(title, "传完:", outcome(write(text), read, text))
    print(title, "少最后 5 个字节:", outcome(write(text)[:-5], read, text))
    print(title, "空文件:", outcome(write(b""), read, b""))
    print(title, "内容里有 END:", outcome(write(tricky), read, tricky))
    print(title, "没有这个文件,什么也没有发:", outcome(b"", read, None))
