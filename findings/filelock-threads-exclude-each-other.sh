#!/usr/bin/env bash
# filelock 4.3.1: a lock that threads share on purpose excludes them from each other all the same.
# A careful engineer would guess: `FileLock(path, thread_local=False, is_singleton=True)` is one
# re-entrant lock for the whole process (its documentation offers it for sharing across threads),
# so a thread that finds it held by a sibling counts itself in, as it does when called later.
# Instead, who holds it is looked up and counted without a lock: threads that acquire at the same
# moment each open the file, the operating system refuses all but the first, and with `timeout=0`
# they get Timeout, "another process holds it", in a process that is alone with the file.
# A threading.Lock around acquire and release (second line of the output) makes it what it says.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q filelock==4.3.1 2>/dev/null
cat > run.py <<'EOF'
import contextlib, sys, threading
from filelock import FileLock, Timeout

sys.setswitchinterval(1e-5)


def refused(path, guard):
    count = 0

    def work():
        nonlocal count
        lock = FileLock(path, timeout=0, thread_local=False, is_singleton=True)
        for _ in range(300):
            start.wait()
            try:
                with guard:
                    lock.acquire()
            except Timeout:
                with counting:
                    count += 1
                end.wait()
            else:
                end.wait()
                with guard:
                    lock.release()

    counting, start, end = threading.Lock(), threading.Barrier(4), threading.Barrier(4)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count


print("as it comes:", "some are refused" if refused("a.lock", contextlib.nullcontext()) else "none is refused")
print("with a lock around it:", "some are refused" if refused("b.lock", threading.Lock()) else "none is refused")
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
as it comes: some are refused
with a lock around it: none is refused
EOF
echo "As described."
