"""fsync 的代价:写、等内容进磁盘、改名、等名字进磁盘,各要多久。"""
import os
import sys
import time

SIZE = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 64 << 20
data = os.urandom(1 << 20)


def timed(title, act):
    started = time.perf_counter()
    act()
    print(f"{title}:{(time.perf_counter() - started) * 1000:.1f} 毫秒")


descriptor = os.open("文件.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
timed("write", lambda: [os.write(descriptor, data) for _ in range(SIZE >> 20)])
timed("fsync 文件", lambda: os.fsync(descriptor))
timed("rename", lambda: os.replace("文件.part", "文件"))
directory = os.open(".", os.O_RDONLY)
timed("fsync 目录", lambda: os.fsync(directory))
