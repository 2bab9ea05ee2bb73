"""看上去一样的昵称。房间里已经有「小明」和「Tom」。用法:chat_names.py 127.0.0.1:8080"""
import socket
import sys
import unicodedata

host, port = sys.argv[1].rsplit(":", 1)
NAMES = [
    ("全部大写", "TOM"),
    ("零宽空格", "小\u200b明"),
    ("从右到左", "\u202e明小"),
    ("组合符号", "To\u0301m"),
    ("韩文填充", "小明\u3164"),
    ("全角冒号", "小明\uff1a"),
    ("清掉屏幕", "\x1b[2J"),
    ("九个汉字", "一二三四五六七八九"),
    ("西里尔 о", "T\u043em"),
]


def visible(text):
    """把看不见的写成 \\u....。"""
    hidden = lambda c: not c.isprintable() or unicodedata.combining(c) or c == "\u3164"
    return "".join(f"\\u{ord(c):04x}" if hidden(c) else c for c in text)


def join(name):
    """连上,说昵称;返回连接和回答的第一行。"""
    stream = socket.create_connection((host, int(port)), timeout=5)
    stream.sendall(name.encode() + b"\n")
    return stream, stream.makefile(encoding="utf-8", newline="\n").readline().rstrip()


members = [join(name) for name in ("小明", "Tom")]
for title, name in NAMES:
    stream, answer = join(name)
    members.append((stream, answer))
    print(f"{title} {visible(name)}:{answer.split('。')[0]}")
