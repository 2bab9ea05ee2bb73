"""写文件的程序在每一步被 kill -9(Linux、macOS):最后的名字下面是什么。"""
import os
import signal
from collections import Counter

OLD, NEW = b"old " * 1000, b"new!" * 1000


def steps(save):
    """跑到第几步就结束自己;从 0 起,直到它活着做完。"""
    for last in range(100):
        with open("file", "wb") as file:
            file.write(OLD)
        child = os.fork()
        if child == 0:
            left = iter(range(last))
            save(lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with open("file", "rb") as file:
            content = file.read()
        yield {OLD: "以前的", NEW: "完整的新文件"}.get(content, "坏的")
        if not os.WIFSIGNALED(status):
            return


def write(path, step):
    step()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    step()
    for start in range(0, len(NEW), 500):
        os.write(fd, NEW[start:start + 500])
        step()
    os.fsync(fd)
    step()
    os.close(fd)


def directly(step):
    write("file", step)


def by_rename(step):
    write("file.part", step)
    os.rename("file.part", "file")
    step()


for title, save in (("直接写", directly), ("先写 .part 再改名", by_rename)):
    seen = Counter(steps(save))
    print(f"{title}:", ",".join(f"{what} {seen[what]} 次" for what in ("以前的", "完整的新文件", "坏的")))
