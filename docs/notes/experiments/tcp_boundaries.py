"""四种划边界的办法。同样三条消息,切成 1 字节、7 字节、整块送来,取出的都一样。"""
import json
import struct

MESSAGES = ["在吗", "", "明天 9 点\n老地方"]
SIZE = 32  # 固定长度的办法里,一条消息占几字节


def pack_fixed(text):
    """补 0 补到 SIZE 字节;比它长的发不了,末尾的 0 也分不清。"""
    return text.encode().ljust(SIZE, b"\0")


def take_fixed(data):
    """返回(一条消息, 用掉几字节);不够一条就是 None。"""
    return (data[:SIZE].rstrip(b"\0").decode(), SIZE) if len(data) >= SIZE else None


def pack_delimited(text):
    """换行结束;正文里的换行和反斜杠要转义。"""
    return text.replace("\\", "\\\\").replace("\n", "\\n").encode() + b"\n"


def take_delimited(data):
    end = data.find(b"\n")
    if end < 0:
        return None
    pieces = data[:end].decode().split("\\\\")
    return "\\".join(piece.replace("\\n", "\n") for piece in pieces), end + 1


def pack_prefixed(text):
    """4 字节长度,网络字节序,然后是正文。"""
    return struct.pack("!I", len(text.encode())) + text.encode()


def take_prefixed(data):
    if len(data) < 4 or len(data) < 4 + (size := struct.unpack("!I", data[:4])[0]):
        return None
    return data[4:4 + size].decode(), 4 + size


def pack_json(text):
    """自描述:格式自己说明到哪里完,这里是 JSON 的右引号。"""
    return json.dumps(text).encode()


def take_json(data):
    try:
        return json.JSONDecoder().raw_decode(data.decode())
    except json.JSONDecodeError:
        return None  # 还没有完;真的写错了也是这样,所以还要有上限


def receive(pieces, take):
    """来一块,取出所有完整的消息,剩下的留着。"""
    buffer, messages = b"", []
    for piece in pieces:
        buffer += piece
        while taken := take(buffer):
            messages.append(taken[0])
            buffer = buffer[taken[1]:]
    return messages


for name, pack, take in (
    ("固定长度", pack_fixed, take_fixed),
    ("分隔符", pack_delimited, take_delimited),
    ("长度前缀", pack_prefixed, take_prefixed),
    ("自描述", pack_json, take_json),
):
    stream = b"".join(map(pack, MESSAGES))
    cuts = [[stream[at:at + size] for at in range(0, len(stream), size)] for size in (1, 7, len(stream))]
    same = all(receive(pieces, take) == MESSAGES for pieces in cuts)
    print(f"{name}:共 {len(stream)} 字节,三种切法取出的都对:{same}")
