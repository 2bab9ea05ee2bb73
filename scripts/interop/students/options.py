"""学生程序共用:读命令行,`地址 [--bind ADDR] [--encoding E] [--count N] [--buffer N]`。"""

import argparse


def read():
    parser = argparse.ArgumentParser()
    parser.add_argument("address", type=address)
    parser.add_argument("--bind", type=address)
    parser.add_argument("--encoding", default="utf-8")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--buffer", type=int, default=65535)
    return parser.parse_args()


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def visible(payload, encoding):
    """解不开的字节和控制字符都写成看得见的样子。"""
    text = payload.decode(encoding, "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def messages(stream):
    """一行一条消息,不含换行;exit 或输入结束为止。"""
    for line in stream:
        text = line.rstrip("\r\n")
        if text.strip() == "exit":
            return
        yield text
