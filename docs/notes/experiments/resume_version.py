"""内容换了,从外面看得出来吗?大小、修改时间(mtime)、属性时间(ctime)、inode。"""
import os
import time

FIELDS = {"大小": "st_size", "mtime": "st_mtime_ns", "ctime": "st_ctime_ns", "inode": "st_ino"}


def changed(before, after):
    found = [name for name, field in FIELDS.items() if getattr(before, field) != getattr(after, field)]
    return "、".join(found) or "什么也没有变"


def fresh():
    with open("文件", "wb") as file:
        file.write(b"a" * 1000)
    return os.stat("文件")


def wait():
    """等文件系统的时钟走一格:它几毫秒才走一次。"""
    time.sleep(0.05)


before = fresh()
wait()
with open("文件", "ab") as file:
    file.write(b"b")
print("在末尾加一个字节:", changed(before, os.stat("文件")))

before = fresh()
wait()
with open("文件", "r+b") as file:
    file.write(b"b")
print("改一个字节:", changed(before, os.stat("文件")))

before = fresh()
wait()
with open("文件", "r+b") as file:
    file.write(b"b")
os.utime("文件", ns=(before.st_atime_ns, before.st_mtime_ns))
print("改一个字节,再把 mtime 拨回去:", changed(before, os.stat("文件")))

before = fresh()
wait()
with open("新的", "wb") as file:
    file.write(b"b" * 1000)
os.utime("新的", ns=(before.st_atime_ns, before.st_mtime_ns))
os.replace("新的", "文件")
print("换成另一个同样大的,mtime 也拨成一样:", changed(before, os.stat("文件")))

missed = 0
for _ in range(200):
    before = fresh()
    with open("文件", "r+b") as file:
        file.write(b"b")
    missed += changed(before, os.stat("文件")) == "什么也没有变"
print(f"刚写完马上又改,200 次里看不出来的:{missed} 次")
