"""长度一样的三个文件:收齐的、一个字节也没收的、中间少了一段的。"""
import hashlib
import os
import random

SIZE = 4 << 20
random.seed(1)
data = random.randbytes(SIZE)

with open("收齐", "wb") as file:
    file.write(data)
with open("空的", "wb") as file:
    file.truncate(SIZE)  # 只定长度
with open("两头", "wb") as file:  # 两段同时收,第一段只收了一半
    file.write(data[: SIZE // 4])
    file.seek(SIZE // 2)
    file.write(data[SIZE // 2 :])

for name in ("收齐", "空的", "两头"):
    seen = os.stat(name)
    with open(name, "rb") as file:
        content = file.read()
    digest = hashlib.sha256(content).hexdigest()[:8]
    print(f"{name}:长度 {seen.st_size},磁盘上 {seen.st_blocks // 2} KiB,"
          f"零 {content.count(0)} 个,摘要 {digest}")
