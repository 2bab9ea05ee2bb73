"""比较要多久:== 见到不同就停,所以快慢说出了「前面对了多少」;compare_digest 总是比到底。"""
import hmac
import timeit

SIZE = 1 << 20  # 真的口令短得多,要量许多次才看得出;加长了,一次就看得出
secret = b"a" * SIZE
early = b"b" + secret[1:]
late = secret[:-1] + b"b"


def cost(compare, guess):
    """二十次里最快的一次。"""
    return min(timeit.repeat(lambda: compare(secret, guess), number=5, repeat=20))


equal = cost(lambda a, b: a == b, late) / cost(lambda a, b: a == b, early)
digest = cost(hmac.compare_digest, late) / cost(hmac.compare_digest, early)
print("==:错在最后一个字节,比错在第一个慢 10 倍以上:", equal > 10)
print("compare_digest:差不到一倍:", 0.5 < digest < 2)
