"""把文件的第 1000 个字节改掉:长度不变,别的字节也不变。"""
import sys

path = sys.argv[1]
with open(path, "r+b") as file:
    file.seek(1000)
    byte = file.read(1)[0]
    file.seek(1000)
    file.write(bytes([byte ^ 1]))
print(f"{path} 的第 1000 个字节:{byte:#04x} 改成 {byte ^ 1:#04x}")
