"""准备要下载的文件,放在目录「共享」里;内容每次都一样。"""
import os
import random

random.seed(34)
os.makedirs("共享/照片", exist_ok=True)
for name, size in (("大.bin", 1_000_000), ("说明.txt", 1500), ("照片/一.jpg", 20_000)):
    with open(f"共享/{name}", "wb") as file:
        file.write(random.randbytes(size))
print("共享 里有:大.bin、说明.txt、照片/一.jpg")
