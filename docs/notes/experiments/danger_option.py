"""没有 shell 了,参数也是列表:名字还能是选项,程序还能运行别的程序。只会运行 echo,只写当前目录。"""
import os
import subprocess


def run(*command):
    """不经过 shell。"""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=5)
    return done.stdout.strip()


name = "--output=made.txt"  # 别人给的「文件名」
run("sort", "--", name)
print("sort -- 名字:写出了文件", os.path.exists("made.txt"))
run("sort", name)
print("sort 名字:写出了文件", os.path.exists("made.txt"))

print("find:", run("find", ".", "-maxdepth", "0", "-exec", "echo", "被执行", ";"))
print("awk:", run("awk", 'BEGIN { system("echo 被执行") }'))
print("sed:", run("sed", "1e echo 被执行", "made.txt") or run("sed", "1e echo 被执行", "/etc/hostname").splitlines()[0])
print("env:", run("env", "echo", "被执行"))
