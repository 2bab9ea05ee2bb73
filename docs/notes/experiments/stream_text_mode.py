"""用文字方式读写文件,字节会变。这里让 Python 照 Windows 的样子换行。"""
import os

content = b"one\ntwo\r\n\x1a\x89PNG"
with open("a.bin", "wb") as file:
    file.write(content)

with open("a.bin", encoding="latin-1") as file:  # 文字方式读:\r\n 变成 \n
    text = file.read()
print("读出来", len(content), "→", len(text.encode("latin-1")), "字节")
with open("b.bin", "w", encoding="latin-1", newline="\r\n") as file:  # Windows 上默认这样写:\n 变成 \r\n
    file.write(content.decode("latin-1"))
print("写进去", len(content), "→", os.path.getsize("b.bin"), "字节")
try:
    open("a.bin", encoding="utf-8").read()
except UnicodeDecodeError as error:
    print("当作 UTF-8 读:", error.reason)
with open("c.bin", "wb") as file:
    file.write(open("a.bin", "rb").read())
print("二进制方式:", os.path.getsize("c.bin"), "字节,一样", open("c.bin", "rb").read() == content)
