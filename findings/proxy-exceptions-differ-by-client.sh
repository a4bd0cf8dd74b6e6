#!/usr/bin/env bash
# requests 2.34.2, httpx 0.28.1, aiohttp 3.14.5 and urllib (Python 3.11): one `no_proxy`, but each
# client sends other lab hosts through the proxy.
# A careful engineer would guess: the variable means the same to all clients in one Python, so what
# was tried with one of them holds for a program that uses another.
# Instead, a network (127.0.0.0/8 here, 10.0.0.0/8 in a lab) is known to requests alone;
# `.localhost` covers the bare name for all but httpx; a port behind the name is read by all but
# aiohttp, and a `*` in a list by httpx alone. So WinRM through requests reaches a lab's host, and
# the same program's check of a web server on it reaches the company's proxy, which answers in the
# host's place.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q requests==2.34.2 httpx==0.28.1 aiohttp==3.14.5 2>/dev/null
cat > run.py <<'EOF'
import asyncio
import http.server
import os
import threading
import urllib.request

import aiohttp
import httpx
import requests


def serve(text):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


async def by_aiohttp(url):
    async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
        return await answer.text()


CLIENTS = {
    "requests": lambda url: requests.get(url).text,
    "httpx": lambda url: httpx.get(url).text,
    "aiohttp": lambda url: asyncio.run(by_aiohttp(url)),
    "urllib": lambda url: urllib.request.urlopen(url).read().decode(),
}


def way(client, url):
    try:
        return client(url)
    except (OSError, httpx.TransportError, aiohttp.ClientError):
        return "direct"  # the name is not known here, so without the proxy nothing answers


port = serve(b"direct")
os.environ["http_proxy"] = f"http://127.0.0.1:{serve(b'proxy')}"
for exceptions, host in (
    ("127.0.0.1", "127.0.0.1"), ("127.0.0.0/8", "127.0.0.1"), ("lab.invalid", "hv1.lab.invalid"),
    (".localhost", "localhost"), ("localhost:PORT", "localhost"), ("other,*", "localhost"),
):
    os.environ["no_proxy"] = exceptions.replace("PORT", str(port))
    ways = (f"{name} {way(client, f'http://{host}:{port}/')}" for name, client in CLIENTS.items())
    print(f"no_proxy={exceptions}, {host}:", ", ".join(ways))
EOF
env -u HTTP_PROXY -u HTTPS_PROXY -u https_proxy -u ALL_PROXY -u all_proxy -u NO_PROXY venv/bin/python run.py | tee seen
diff - seen <<'EOF'
no_proxy=127.0.0.1, 127.0.0.1: requests direct, httpx direct, aiohttp direct, urllib direct
no_proxy=127.0.0.0/8, 127.0.0.1: requests direct, httpx proxy, aiohttp proxy, urllib proxy
no_proxy=lab.invalid, hv1.lab.invalid: requests direct, httpx direct, aiohttp direct, urllib direct
no_proxy=.localhost, localhost: requests direct, httpx proxy, aiohttp direct, urllib direct
no_proxy=localhost:PORT, localhost: requests direct, httpx direct, aiohttp proxy, urllib direct
no_proxy=other,*, localhost: requests proxy, httpx direct, aiohttp proxy, urllib proxy
EOF
echo "As described."
