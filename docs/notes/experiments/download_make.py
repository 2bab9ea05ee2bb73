"""造几个文件,名字里的数是大小(字节)。用法:download_make.py 目录 5000.bin…"""
import os
import sys

folder, names = sys.argv[1], sys.argv[2:]
os.makedirs(folder, exist_ok=True)
for name in names:
    size = int(name.removesuffix(".bin"))
    numbers = b"".join(b"%d " % n for n in range(size // 2 + 1))  # 每一处都不一样
    with open(os.path.join(folder, name), "wb") as file:
        file.write(numbers[:size])
print(folder, "里有", *names)
