-- wrk 的脚本:量完打印一行,给 bench 读。参数里的数大于 1,就一次写出这么多个请求(流水线)。

function init(args)
    local depth = tonumber(args[1]) or 1
    -- 没有 request 这个函数,wrk 就不用每次都来问 Lua。
    if depth > 1 then
        local batch = string.rep(wrk.format(), depth)
        request = function() return batch end
    end
end

function done(summary)
    local errors = summary.errors
    io.write(string.format("requests=%d seconds=%.3f refused=%d broken=%d\n",
        summary.requests - errors.status, summary.duration / 1e6,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
