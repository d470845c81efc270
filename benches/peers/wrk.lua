-- What wrk has counted, for peers.py. Nothing is called for each request.
function done(summary, latency, _)
    io.write(string.format('{"requests": %d, "bad": %d, "p99_us": %d}\n',
        summary.requests, summary.errors.status, latency:percentile(99)))
end
