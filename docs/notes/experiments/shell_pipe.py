"""两根管道一根一根地读:标准错误超过一根管道装得下的,两边就互相等。"""
import fcntl
import subprocess
import sys
import threading

WRITER = "import sys; sys.stderr.write('e' * int(sys.argv[1])); sys.stderr.flush(); print('out')"


def start(size):
    """一个往标准错误写 size 字节的程序。"""
    command = [sys.executable, "-c", WRITER, str(size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def one_after_the_other(size):
    """先读完标准输出,再读标准错误;一秒还没有读完就结束它。"""
    child = start(size)
    stuck = threading.Event()
    timer = threading.Timer(1, lambda: (stuck.set(), child.kill()))
    timer.start()
    output = child.stdout.read()
    errors = child.stderr.read()
    timer.cancel()
    child.wait()
    for pipe in (child.stdout, child.stderr):
        pipe.close()
    return "停住了,一秒以后被结束" if stuck.is_set() else f"读到 {len(output)} 和 {len(errors)} 字节"


def at_once(size):
    """communicate 同时读两根。"""
    output, errors = start(size).communicate(timeout=10)
    return f"读到 {len(output)} 和 {len(errors)} 字节"


child = start(0)
print("一根管道装得下:", fcntl.fcntl(child.stdout, 1032), "字节")  # 1032 是 F_GETPIPE_SZ
child.communicate()
for size in (65_536, 65_537):
    print(f"一根一根地读,{size} 字节:{one_after_the_other(size)}")
for size in (65_537, 5_000_000):
    print(f"同时读,{size} 字节:{at_once(size)}")
