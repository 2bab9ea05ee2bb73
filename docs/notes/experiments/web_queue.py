"""来得比做得快:队列不设上限,和只排 20 个。(按时刻推算,不真的等。)"""
EVERY, SERVICE, PATIENCE, COUNT = 1, 2, 100, 10_000  # 毫秒:每隔、做一个、客户最多等;一共几个请求


def simulate(title, limit):
    """一个工作线程。算有几位等到了回答,几位被回绝,几个回答做好了却没有人要。"""
    free_at = 0  # 工作线程什么时候有空
    starts = []  # 排着的各自什么时候开始做
    good = refused = wasted = longest = 0
    for now in range(0, COUNT * EVERY, EVERY):
        starts = [start for start in starts if start > now]
        if limit is not None and len(starts) >= limit:
            refused += 1
            continue
        start = max(now, free_at)
        starts.append(start)
        free_at = start + SERVICE
        longest = max(longest, free_at - now)
        if free_at - now <= PATIENCE:
            good += 1
        else:
            wasted += 1
    print(f"{title}:等到的 {good},马上 503 的 {refused},做好了没有人要的 {wasted},最久 {longest / 1000:.2f} 秒")


simulate("不设上限", None)
simulate("只排 20 个", 20)
