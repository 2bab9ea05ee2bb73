"""对方已经走了:第一次 send 还是成功,第二次才知道。"""
import errno
import select
import socket

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=2)
    receiver, _ = listener.accept()
with sender:
    receiver.close()  # 没有要读的:对方发来 FIN
    waiter = select.poll()
    waiter.register(sender, select.POLLIN)
    waiter.poll(2000)
    print("FIN 已经到了,第一次 send:", sender.send(b"hello"), "字节")
    waiter.modify(sender, 0)
    waiter.poll(2000)  # 等对方内核的回答:RST
    try:
        sender.send(b"hello")
    except OSError as error:
        print("第二次 send:", errno.errorcode[error.errno])
