"""1024 不是 3 的倍数:按字节切开的文字,可能切在一个汉字的中间。"""
import codecs

data = ("你" * 342).encode("utf-8")  # 1026 字节
first, rest = data[:1024], data[1024:]
print("总长:", len(data), "字节;第一块的最后一个字节:", first[-1:].hex())
try:
    first.decode("utf-8")
except UnicodeDecodeError as error:
    print("只拿第一块解码:在第", error.start, "字节出错,", error.reason)

print("拼完整再解码:", len((first + rest).decode("utf-8")), "个字")
decoder = codecs.getincrementaldecoder("utf-8")()
print("增量解码:", len(decoder.decode(first)), "+", len(decoder.decode(rest, final=True)), "个字")
