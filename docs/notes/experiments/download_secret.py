"""造一个目录 files,和目录外面的一个 secret.txt。"""
import os

os.makedirs("files/sub")
for path, content in (("files/a.txt", "可以给"), ("files/sub/b.txt", "里面的"), ("secret.txt", "外面的秘密")):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
print("files/a.txt、files/sub/b.txt、secret.txt")
