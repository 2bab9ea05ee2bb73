"""类的属性和值的属性:两个网站,改了一个,另一个也变了吗?"""


class Shared:
    pages = {}  # 写在类里:全部的值共用一个

    def __init__(self, port):
        self.port = port


class Own:
    def __init__(self, port):
        self.port = port
        self.pages = {}  # 写在 self 上:每个值各有一个


for kind in (Shared, Own):
    first, second = kind(8080), kind(8081)
    first.pages["/"] = "甲的首页"
    print(f"{kind.__name__}:甲 {first.pages},乙 {second.pages}")
