"""bye 认不出来:str 和 bytes 永远不相等;比较的和发出的不是同一个。"""
received = b"bye"
print("解码以后和 b'bye' 比:", received.decode("utf-8") == b"bye")
print("不解码和 b'bye' 比:", received == b"bye")
typed = "bye "
print("发出的:", typed.strip().encode(), "比较的:", repr(typed), typed == "bye")
