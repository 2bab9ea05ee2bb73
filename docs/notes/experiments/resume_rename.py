"""写到一半,有人来读:直接写和「写另一个再改名」,他读到过不完整的内容吗?"""
import os

SIZE = 1 << 20
OLD, NEW = b"a" * SIZE, b"b" * SIZE
HALF = SIZE // 2


def direct(data, look):
    with open("文件", "wb", buffering=0) as file:
        look()
        file.write(data[:HALF])
        look()
        file.write(data[HALF:])
    look()


def renamed(data, look):
    with open("文件.part", "wb", buffering=0) as file:
        look()
        file.write(data[:HALF])
        look()
        file.write(data[HALF:])
    look()
    os.replace("文件.part", "文件")
    look()


def partial(write):
    """把旧的换成新的,每一步都读一遍;读到过不完整的没有。"""
    direct(OLD, lambda: None)
    seen = []

    def look():
        with open("文件", "rb") as file:
            seen.append(file.read())

    write(NEW, look)
    return any(content not in (OLD, NEW) for content in seen)


print("直接写,读到过不完整的:", partial(direct))
print("写另一个再改名,读到过不完整的:", partial(renamed))
