"""一边说 GBK,一边说 UTF-8:有时出错,有时悄悄变成别的字。"""


def read(title, data, encoding):
    try:
        print(title, data.decode(encoding))
    except UnicodeDecodeError as error:
        print(title, "出错:", error.reason)


read("GBK 的命令按 UTF-8 读:", "echo 你好".encode("gbk"), "utf-8")
read("UTF-8 的「你好」按 GBK 读:", "你好".encode(), "gbk")
read("UTF-8 的「你好吗」按 GBK 读:", "你好吗".encode(), "gbk")
read("英文怎样都一样:", b"echo hello", "gbk")
