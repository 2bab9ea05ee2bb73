"""光秃秃的 except:出了什么事都说成「没有这个文件」。"""
import os
import signal

os.makedirs("sub")
with open("real.bin", "wb") as file:
    file.write(b"here")


def content_of(name, trouble=lambda: None):
    try:
        with open(name, "rb") as file:
            trouble()  # 读到一半出的事
            return file.read()
    except:  # noqa: E722
        return "没有这个文件"


def no_memory():
    raise MemoryError


print("没有的:", content_of("missing"))
print("是目录:", content_of("sub"))
print("名字里有 NUL:", content_of("a\0b"))
print("内存不够:", content_of("real.bin", no_memory))
print("写错了变量名:", content_of("real.bin", lambda: undefined))
print("按了 Ctrl-C:", content_of("real.bin", lambda: signal.raise_signal(signal.SIGINT)))
print("其实有:", content_of("real.bin"))
