"""一次 print 不是一次 write:两个线程同时打印,一行里会有别人的字。"""
import threading


class Screen:
    """记下每一次 write;每写一次就让另一个线程也写一次:最不巧的次序。"""

    def __init__(self):
        self.writes = []
        self.turn = threading.Barrier(2)

    def write(self, text):
        self.turn.wait(timeout=2)
        self.writes.append(text)


screen = Screen()


def report(name):
    print("客户:", name, file=screen)


threads = [threading.Thread(target=report, args=(name,)) for name in ("甲", "乙")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("两行字,write 了", len(screen.writes), "次")
shown = "".join(screen.writes)
print("第一行是不是完整的一行:", shown.splitlines()[0] in ("客户: 甲", "客户: 乙"))
print("先拼成一行再写,一行一次 write:", repr("客户: {}\n".format("甲")))
