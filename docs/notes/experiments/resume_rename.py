"""一边写,一边有人读:直接写和「写另一个再改名」,他读到过几种内容?"""
import os
import threading

SIZE = 1 << 20
OLD, NEW = b"a" * SIZE, b"b" * SIZE


def direct(data):
    with open("文件", "wb") as file:
        file.write(data[: SIZE // 2])
        file.write(data[SIZE // 2 :])


def renamed(data):
    with open("文件.part", "wb") as file:
        file.write(data)
    os.replace("文件.part", "文件")


def watch(write):
    """写 300 次,同时不停地读;返回读到的不完整的次数。"""
    direct(OLD)
    done = threading.Event()
    partial = 0

    def look():
        nonlocal partial
        while not done.is_set():
            with open("文件", "rb") as file:
                content = file.read()
            partial += content != OLD and content != NEW

    reader = threading.Thread(target=look)
    reader.start()
    for turn in range(300):
        write(NEW if turn % 2 == 0 else OLD)
    done.set()
    reader.join(timeout=10)
    return partial


print("直接写,读到过不完整的:", watch(direct) > 0)
print("写另一个再改名,读到过不完整的:", watch(renamed) > 0)
