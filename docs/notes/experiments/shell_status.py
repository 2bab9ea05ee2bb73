"""命令怎样结束的、留下了什么:退出码、信号、当前目录,getoutput 丢掉了哪些。"""
import os
import subprocess

os.chdir("/usr")
print("exit 3,退出码:", subprocess.run("exit 3", shell=True).returncode)
print("被信号结束:", subprocess.run("kill -9 $$", shell=True).returncode)
print("没有这个命令:", subprocess.run("no-such-command", shell=True, stderr=subprocess.DEVNULL).returncode)
print("getoutput('exit 3'):", repr(subprocess.getoutput("exit 3")))
print("cd / && pwd:", subprocess.getoutput("cd / && pwd"), "再 pwd:", subprocess.getoutput("pwd"))
print("A=1 以后 echo $A:", repr((subprocess.getoutput("A=1"), subprocess.getoutput("echo $A"))))
print("末尾两个换行,剩下几个:", subprocess.getoutput(r"printf 'a\n\n'").count("\n"))
print("五百万字节,得到:", len(subprocess.getoutput("head -c 5000000 /dev/zero | tr '\\0' x")))
